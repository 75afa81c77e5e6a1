package dev.parley.tests.cluster;

import dev.parley.Message;
import dev.parley.json.JsonText;
import java.util.ArrayList;
import java.util.List;

/** Names that would reach another NATS subject if they were not checked. */
final class OddNames {
    private OddNames() {}

    static List<String> all() {
        var names = new ArrayList<>(List.of(
                "",
                " ",
                ".",
                "..",
                "*",
                ">",
                "a.>",
                "a.*",
                "*.b",
                ">.b",
                "a b",
                " a.b",
                "a.b ",
                ".a.b",
                "a.b.",
                "a..b",
                "a.b\r\nPUB x 0\r\n",
                "a.b\n",
                "a.b\r",
                "a.b\t",
                "a.b\u0000",
                "\u0000",
                "a.b\u0001",
                "a\u007fb",
                "\uff41.b",
                "a\u3002b",
                "a\u2024b",
                "\u0430.b",
                "a.\u0432",
                "a\u200b.b",
                "a\u00a0b",
                "\u202ea.b",
                "$SRV.PING",
                "$SYS.>",
                "_INBOX.x",
                "$JS.API.INFO",
                "a/b",
                "a\\b",
                "a:b",
                "a;b",
                "a,b",
                "a'b",
                "a\"b",
                "a|b",
                "a&b",
                "a`b",
                "a$(b)",
                "{a}",
                "a%2eb",
                "a+b",
                "a@b",
                "a#b",
                "a?b",
                "\ud83d\udc36",
                "a=b"));
        names.add("a".repeat(65));
        names.add("a".repeat(10_240));
        names.add("a.".repeat(8) + "a");
        names.add("a." + "b".repeat(65));
        names.remove("_INBOX.x"); // a valid name: below the prefix of its cluster, it reaches no inbox
        return names;
    }

    /** Returns a request that names the action in its content, where a client can write anything. */
    static Message question(String name) {
        return Message.json("{\"action\": " + JsonText.string(name) + "}");
    }
}
