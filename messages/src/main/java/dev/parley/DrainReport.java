package dev.parley;

/**
 * How a server's drain went.
 *
 * @param connections how many were open when it began
 * @param connectionsCut how many of them were still open when the grace was over
 * @param requestsCut how many requests and streams were still under way then; their clients were told {@code
 *     unavailable}, so they do not know whether they were handled
 */
public record DrainReport(int connections, int connectionsCut, int requestsCut) {
    /** Nothing was open. */
    public static final DrainReport NOTHING = new DrainReport(0, 0, 0);

    /**
     * {@return the sum of two}
     *
     * @param other of another loop
     */
    public DrainReport plus(DrainReport other) {
        return new DrainReport(
                connections + other.connections,
                connectionsCut + other.connectionsCut,
                requestsCut + other.requestsCut);
    }

    @Override
    public String toString() {
        int finished = connections - connectionsCut;
        return finished + " of " + connections + " connections finished"
                + (connectionsCut == 0
                        ? ""
                        : ", " + connectionsCut + " cut with " + requestsCut + " requests under way");
    }
}
