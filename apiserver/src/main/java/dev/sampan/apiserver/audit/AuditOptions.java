package dev.sampan.apiserver.audit;

import java.nio.file.Path;

/**
 * How requests are audited; kube-apiserver's flag of each is named.
 *
 * @param policyFile a {@code Policy} of {@code audit.k8s.io/v1} ({@code --audit-policy-file})
 * @param logFile one JSON line an event; {@code -} for standard output ({@code --audit-log-path})
 * @param maxMegabytes size at which the file is renamed and begun anew ({@code --audit-log-maxsize}); 0 for 100
 * @param maxBackups renamed files that are kept ({@code --audit-log-maxbackup}); 0 for all
 * @param maxDays age in days at which renamed files are deleted ({@code --audit-log-maxage}); 0 for never
 */
public record AuditOptions(Path policyFile, Path logFile, int maxMegabytes, int maxBackups, int maxDays) {

    public AuditOptions(Path policyFile, Path logFile) {
        this(policyFile, logFile, 0, 0, 0);
    }
}
