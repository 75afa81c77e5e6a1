package dev.parley;

/**
 * The result of a server's drain.
 *
 * @param connections the number of connections that were open when the drain began
 * @param connectionsCut the number of these connections that were still open when the grace period was over
 * @param requestsCut the number of requests and streams that were still under way when the grace period was over; their
 *     clients got {@code unavailable}, so the clients do not know whether the requests were handled
 */
public record DrainReport(int connections, int connectionsCut, int requestsCut) {
    /** The report of a drain without open connections. */
    public static final DrainReport NOTHING = new DrainReport(0, 0, 0);

    /**
     * {@return the sum of two reports}
     *
     * @param other the report of another loop
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
