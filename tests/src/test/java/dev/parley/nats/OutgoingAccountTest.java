package dev.parley.nats;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How much may wait for the broker. */
class OutgoingAccountTest {
    private final OutgoingAccount account = new OutgoingAccount();

    @Test
    void itTakesSoManyMessagesAndOneMoreForEachThatIsSent() {
        for (int i = 0; i < OutgoingAccount.MESSAGES_MAX; i++) {
            assertThat(account.tryAdd(1)).isTrue();
        }
        assertThat(account.tryAdd(1)).isFalse();
        account.incrementOut(1);
        assertThat(account.tryAdd(1)).isTrue();
        assertThat(account.tryAdd(1)).isFalse();
    }

    @Test
    void itTakesSoManyBytesAndALongerMessageAlone() {
        assertThat(account.tryAdd(OutgoingAccount.BYTES_MAX + 1)).isTrue();
        assertThat(account.tryAdd(1)).isFalse();
        account.incrementOut(OutgoingAccount.BYTES_MAX + 1);
        assertThat(account.tryAdd(OutgoingAccount.BYTES_MAX)).isTrue();
        assertThat(account.isHalfFull()).isTrue();
        assertThat(account.tryAdd(1)).isFalse();
    }

    /** Pings are sent, and were never added. */
    @Test
    void whatJnatsSendsByItselfLeavesNoDebt() {
        for (int i = 0; i < 10; i++) {
            account.incrementOut(6);
        }
        assertThat(account.tryAdd(OutgoingAccount.BYTES_MAX)).isTrue();
        assertThat(account.tryAdd(1)).isFalse();
        assertThat(account.isHalfFull()).isTrue();
    }
}
