package dev.sampan.node.runtime;

import java.util.List;

/**
 * An image that is present.
 *
 * @param id what containers' {@code imageID} shows
 * @param names every name it is known by
 * @param user numeric user the image asks for; empty for root
 */
public record ImageInfo(String id, List<String> names, long sizeBytes, String user) {}
