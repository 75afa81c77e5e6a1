package dev.parley.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.parley.nats.OutgoingAccount.Share;
import org.junit.jupiter.api.Test;

/** Tests how many messages and bytes may wait for the broker. */
class OutgoingAccountTest {
    private static final int MESSAGES_MAX = OutgoingAccount.MESSAGES_MAX;
    private static final long BYTES_MAX = OutgoingAccount.BYTES_MAX;
    private static final long SHORT = 20;

    private final OutgoingAccount account = new OutgoingAccount();

    private void fill(int messages, Share share) {
        for (int i = 0; i < messages; i++) {
            assertThat(account.tryAdd(SHORT, share)).isTrue();
        }
        assertThat(account.tryAdd(SHORT, share)).isFalse();
    }

    @Test
    void itTakesSoManyMessagesAndOneMoreForEachThatIsSent() {
        fill(MESSAGES_MAX, Share.RESPONSE);
        account.incrementOut(SHORT);
        fill(1, Share.RESPONSE);
    }

    @Test
    void requestsLeaveRoomForResponsesAndBothForErrors() {
        fill(MESSAGES_MAX * 3 / 4, Share.REQUEST);
        fill(MESSAGES_MAX / 4, Share.RESPONSE);
        fill(MESSAGES_MAX / 2, Share.ERROR);
    }

    @Test
    void requestsLeaveBytesForResponsesAndErrorsNeedNone() {
        assertThat(account.tryAdd(BYTES_MAX / 4 * 3, Share.REQUEST)).isTrue();
        assertThat(account.tryAdd(1, Share.REQUEST)).isFalse();
        assertThat(account.tryAdd(BYTES_MAX / 4, Share.RESPONSE)).isTrue();
        assertThat(account.tryAdd(1, Share.RESPONSE)).isFalse();
        assertThat(account.tryAdd(100, Share.ERROR)).isTrue();
    }

    @Test
    void aMessageThatIsLongerThanItsShareWaitsAlmostAlone() {
        assertThat(account.tryAdd(60_000, Share.REQUEST)).isTrue();
        assertThat(account.tryAdd(BYTES_MAX + 1, Share.REQUEST)).isTrue();
        assertThat(account.tryAdd(1, Share.RESPONSE)).isFalse();
        assertThat(account.isHalfFull()).isTrue();
        account.incrementOut(60_000);
        account.incrementOut(BYTES_MAX + 1);
        assertThat(account.isHalfFull()).isFalse();
        assertThat(account.tryAdd(100_000, Share.REQUEST)).isTrue();
        assertThat(account.tryAdd(BYTES_MAX, Share.REQUEST)).isFalse();
    }

    @Test
    void whatIsRefusedTakesNoRoom() {
        assertThat(account.tryAdd(BYTES_MAX, Share.RESPONSE)).isTrue();
        for (int i = 0; i < 2 * MESSAGES_MAX; i++) {
            assertThat(account.tryAdd(1, Share.RESPONSE)).isFalse();
        }
        account.incrementOut(BYTES_MAX);
        fill(MESSAGES_MAX, Share.RESPONSE);
    }

    /** A subscription is sent, but was never added. */
    @Test
    void whatJnatsSendsByItselfLeavesNoDebt() {
        for (int i = 0; i < 10; i++) {
            account.incrementOut(60);
        }
        assertThat(account.tryAdd(BYTES_MAX, Share.RESPONSE)).isTrue();
        assertThat(account.tryAdd(1, Share.RESPONSE)).isFalse();
    }

    @Test
    void pingsMakeNoRoom() {
        fill(MESSAGES_MAX, Share.RESPONSE);
        account.incrementOut("PING\r\n".length());
        assertThat(account.tryAdd(SHORT, Share.RESPONSE)).isFalse();
    }

    @Test
    void afterALossItBeginsAnew() {
        fill(MESSAGES_MAX, Share.RESPONSE);
        account.reset();
        fill(MESSAGES_MAX, Share.RESPONSE);
    }
}
