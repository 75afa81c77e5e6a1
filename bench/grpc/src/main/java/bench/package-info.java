/** A grpc-java server to compare with, and a load for it; {@link bench.GrpcServer} first. */
package bench;
