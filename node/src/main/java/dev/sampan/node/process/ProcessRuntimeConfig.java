package dev.sampan.node.process;

import dev.sampan.node.logs.LogWriter;
import java.nio.file.Path;

/**
 * @param pods directory with a sub-directory for each pod, named by UID
 * @param hostIp address of pods in the host's network
 * @param podNetwork first two numbers of the pods' loopback network
 * @param ownRoot whether containers get a root directory of their own where the host permits it
 */
public record ProcessRuntimeConfig(
        Path pods, String hostIp, String podNetwork, LogWriter.Rotation logRotation, boolean ownRoot) {

    public static ProcessRuntimeConfig in(Path pods) {
        return new ProcessRuntimeConfig(pods, "127.0.0.1", "127.10", LogWriter.Rotation.KUBELET, true);
    }

    public ProcessRuntimeConfig withPodNetwork(String network) {
        return new ProcessRuntimeConfig(pods, hostIp, network, logRotation, ownRoot);
    }
}
