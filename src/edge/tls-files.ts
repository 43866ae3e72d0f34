import { randomBytes } from 'node:crypto';
import type { Settings } from '../cli/settings.ts';
import { exitCodes, Trouble } from '../cli/trouble.ts';
import { watchFiles } from '../config/watch-files.ts';
import { Certificates } from '../proxy/certificates.ts';
import { type CertificateOutcome, ServedCertificates } from '../proxy/served-certificates.ts';
import { UpstreamContexts, type UpstreamFilesOutcome } from '../proxy/upstream-contexts.ts';
import type { WatchFiles } from '../proxy/watched-files.ts';
import type { Log } from '../telemetry/log.ts';
import type { CertificateFacts } from '../telemetry/process-families.ts';

/** How a process comes by the files of TLS. */
export interface TlsFiles {
  /** Returns what watches files; `ifMissing` is the remedy for one that is not there. */
  readonly watching: (ifMissing: string) => WatchFiles;
  /** What sessions with clients are resumed with: the same in all processes of one port. */
  readonly ticketKeys: Buffer;
  /** Files for which a document was refused are good now. */
  readonly mended: () => void;
}

/** Returns how a process that reads files itself comes by them. */
export function tlsFilesOf(log: Log, mended: () => void): TlsFiles {
  const warn = (message: string) => log.event('warn', 'source_warned', message);
  return {
    watching: (ifMissing) => (paths, take) => watchFiles(paths, { ifMissing, warn }, take),
    ticketKeys: randomBytes(48),
    mended,
  };
}

/** Returns the certificates that the settings name, not read yet; none where no port speaks TLS. */
export function servedCertificates(
  { tlsCertFiles, tlsKeyFiles }: Settings,
  log: Log,
  { watching, ticketKeys }: TlsFiles,
): ServedCertificates | undefined {
  const pairs = tlsCertFiles.map((cert, index) => ({ cert, key: tlsKeyFiles[index] ?? '' }));
  if (pairs.length === 0) return undefined;
  return new ServedCertificates(pairs, {
    watch: watching('name another with --tls-cert and --tls-key'),
    log: (outcome) => logCertificate(log, outcome),
    now: Date.now,
    ticketKeys,
  });
}

/** Reads them. Rejects where one is not good: there is nothing that could be shown instead. */
export async function certificatesOf(served: ServedCertificates): Promise<Certificates> {
  const opened = await served.open();
  if (opened instanceof Certificates) return opened;
  throw new Trouble(exitCodes.wrongUse, opened.join('\nerror: '));
}

/** Returns what https endpoints are spoken to with. */
export function upstreamContexts(log: Log, { watching, mended }: TlsFiles): UpstreamContexts {
  return new UpstreamContexts({
    watch: watching('make it, or name another in the document'),
    log: (outcome) => logUpstreamFiles(log, outcome),
    mended,
  });
}

/** Returns what is known of the certificates of both sides, each file told once. */
export function certificateFacts(
  served: ServedCertificates | undefined,
  contexts: UpstreamContexts,
): readonly CertificateFacts[] {
  const all = [
    ...(served?.status() ?? []).map((facts) => ({ side: 'downstream' as const, ...facts })),
    ...contexts.status().map((facts) => ({ side: 'upstream' as const, ...facts })),
  ];
  return [...new Map(all.map((facts) => [`${facts.side} ${facts.file}`, facts])).values()];
}

function logCertificate(log: Log, outcome: CertificateOutcome): void {
  const { file } = outcome;
  if (outcome.kind === 'refused') {
    log.event('error', 'certificate_refused', outcome.message, { certificate: file });
    return;
  }
  const { names, expiresAt } = outcome.certificate;
  log.event('info', 'certificate_applied', 'clients are shown a certificate', {
    certificate: file,
    names,
    expires: new Date(expiresAt).toISOString(),
  });
}

function logUpstreamFiles(log: Log, outcome: UpstreamFilesOutcome): void {
  const { kind, files } = outcome;
  if (kind === 'applied') {
    log.event('info', 'certificate_applied', 'new connections to versions use files anew', {
      files,
    });
  } else log.event('error', 'certificate_refused', outcome.message, { files });
}
