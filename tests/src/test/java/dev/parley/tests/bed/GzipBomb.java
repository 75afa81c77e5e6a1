package dev.parley.tests.bed;

import java.io.ByteArrayOutputStream;
import java.util.zip.Deflater;

/** A small gzip member that unpacks to a thousand times its size. */
public final class GzipBomb {
    private GzipBomb() {}

    /**
     * Returns one member of about this many bytes that holds a mebibyte of zeros for each kibibyte, without packing
     * all.
     */
    public static byte[] bytes(int bytes) {
        var packer = new Deflater(Deflater.BEST_COMPRESSION, true);
        packer.setInput(new byte[1024 * 1024]);
        var block = new byte[8 * 1024];
        int blockBytes = packer.deflate(block, 0, block.length, Deflater.FULL_FLUSH);
        packer.end();
        var member = new ByteArrayOutputStream();
        member.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 0});
        while (member.size() + blockBytes + 10 <= bytes) {
            member.write(block, 0, blockBytes);
        }
        member.writeBytes(new byte[] {3, 0, 0, 0, 0, 0, 0, 0, 0, 0}); // an empty last block, and an unread trailer
        return member.toByteArray();
    }
}
