package dev.parley.nats;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The subjects at the broker under which the actions, topics and streams of a cluster are reached. The names of actions
 * and topics are words of letters, digits, '_' and '-', joined by dots, as {@link dev.parley.Action} checks. So none
 * holds a wildcard or a blank, and each is below the prefix of its cluster and kind.
 */
record Subjects(String cluster) {
    /** Returns the name of the service in NATS. */
    String service() {
        return "parley-" + cluster;
    }

    String ofAction(String action) {
        return "parley." + cluster + ".action." + action;
    }

    String ofTopic(String topic) {
        return "parley." + cluster + ".topic." + topic;
    }

    boolean isOfTopic(String subject) {
        return subject.startsWith(ofTopic(""));
    }

    boolean isOfCluster(String subject) {
        return subject.startsWith("parley." + cluster + ".");
    }

    /** Returns the subject on which nodes say which of their requests are cancelled. Every node listens. */
    String ofCancels() {
        return "parley." + cluster + ".cancel";
    }

    /** Returns the subject of one end of a stream, or of all those of a node. */
    String ofStream(String place) {
        return "parley." + cluster + ".stream." + place;
    }

    /** Returns the subject of the values of a topic that are stored. */
    String ofStored(String topic) {
        return "parley." + cluster + ".stored." + topic;
    }

    /** Returns the name of the stream of JetStream that stores a topic. No two topics have the same. */
    String storedStream(String topic) {
        return "parley=" + cluster + "=" + withoutDots(topic);
    }

    /** Returns a name without dots, which JetStream does not allow in names. No two names become alike. */
    static String withoutDots(String name) {
        return name.replace('.', '=');
    }

    /** Returns the subject on which a node says what it offers. Every node listens. */
    String ofOffers() {
        return "parley." + cluster + ".offers";
    }

    /** Returns names for the endpoints of these actions, in which NATS allows no dots. No two are alike. */
    static Map<String, String> endpointNames(List<String> actions) {
        var names = new LinkedHashMap<String, String>();
        actions.stream().filter(action -> action.indexOf('.') < 0).forEach(action -> names.put(action, action));
        for (String action : actions) {
            String name = action.replace('.', '-');
            for (int number = 2; !names.containsKey(action); number++) {
                if (!names.containsValue(name)) {
                    names.put(action, name);
                }
                name = action.replace('.', '-') + "-" + number;
            }
        }
        return names;
    }
}
