import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { Endpoint, Route } from '#core/routing/route';
import type { UpstreamTls } from '#core/routing/rules';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { FileContent, FilesWatch, WatchFiles } from './watched-files.ts';

type FileKey = 'ca' | 'cert' | 'key';
const fileKeys: readonly FileKey[] = ['ca', 'cert', 'key'];

/** What became of files that were read again. */
export type UpstreamFilesOutcome =
  | { readonly kind: 'applied'; readonly files: readonly string[] }
  | { readonly kind: 'refused'; readonly files: readonly string[]; readonly message: string };

export interface UpstreamContextPorts {
  readonly watch: WatchFiles;
  readonly log: (outcome: UpstreamFilesOutcome) => void;
  /** Files that were not good, for which a document was refused, are good now. */
  readonly mended: () => void;
}

/** What is wrong with files, and which key of the document names them. */
interface FileTrouble {
  readonly key: FileKey;
  readonly message: string;
}

/** The context of one set of files: another one when they change. */
class WatchedContext {
  readonly counts = { applied: 0, refused: 0 };
  readonly #tls: UpstreamTls;
  readonly #keys: readonly FileKey[];
  readonly #watch: FilesWatch;
  readonly #ports: UpstreamContextPorts;
  context: SecureContext | undefined;
  certificateExpiresAt: number | undefined;
  trouble: FileTrouble | undefined;

  constructor(tls: UpstreamTls, ports: UpstreamContextPorts) {
    this.#tls = tls;
    this.#ports = ports;
    this.#keys = fileKeys.filter((key) => tls[key] !== undefined);
    this.#watch = ports.watch(this.files, (contents) => this.#take(contents));
  }

  get files(): readonly string[] {
    return this.#keys.map((key) => this.#tls[key] ?? '');
  }

  look(): Promise<void> {
    return this.#watch.look();
  }

  close(): void {
    this.#watch.close();
  }

  #take(contents: readonly FileContent[]): boolean {
    const wasRefused = this.context === undefined && this.trouble !== undefined;
    const wasUsed = this.context !== undefined;
    const trouble = this.#read(contents);
    this.trouble = trouble;
    this.counts[trouble === undefined ? 'applied' : 'refused']++;
    if (wasRefused && trouble === undefined) this.#ports.mended();
    // What is wrong at first makes its document be refused, and is told there.
    if (wasUsed) this.#told(trouble);
    return trouble === undefined;
  }

  #told(trouble: FileTrouble | undefined): void {
    const { files } = this;
    if (trouble === undefined) this.#ports.log({ kind: 'applied', files });
    else this.#ports.log({ kind: 'refused', files, message: trouble.message });
  }

  #read(contents: readonly FileContent[]): FileTrouble | undefined {
    const pems: Partial<Record<FileKey, Buffer>> = {};
    for (const [at, key] of this.#keys.entries()) {
      const content = contents[at];
      if (content?.kind !== 'bytes') return { key, message: content?.message ?? 'was not read' };
      pems[key] = content.bytes;
    }
    const trouble = troubleOf(pems);
    if (trouble !== undefined) {
      return { ...trouble, message: `${this.#tls[trouble.key]}: ${trouble.message}` };
    }
    this.context = createSecureContext({ ...pems, minVersion: 'TLSv1.2' });
    const { cert } = pems;
    this.certificateExpiresAt = cert && new X509Certificate(cert).validToDate.getTime();
    return undefined;
  }
}

function troubleOf({ ca, cert, key }: Partial<Record<FileKey, Buffer>>): FileTrouble | undefined {
  // Without a look at them, authorities that are none would be taken for an empty list.
  const authority = ca && parsed(() => new X509Certificate(ca));
  if (typeof authority === 'string') return { key: 'ca', message: authority };
  const shown = cert && parsed(() => new X509Certificate(cert));
  if (typeof shown === 'string') return { key: 'cert', message: shown };
  const secret = key && parsed(() => createPrivateKey(key));
  if (typeof secret === 'string') return { key: 'key', message: secret };
  if (shown === undefined || secret === undefined || shown.checkPrivateKey(secret)) {
    return undefined;
  }
  return { key: 'key', message: 'is not the key of the certificate' };
}

/** Returns what was parsed, or why it could not be. */
function parsed<Value>(parse: () => Value): Value | string {
  try {
    return parse();
  } catch (error) {
    return `holds nothing of the kind: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Two rules that name the same files share a context. */
function filesOf(tls: UpstreamTls): string {
  return fileKeys.map((key) => tls[key] ?? '').join('\0');
}

/**
 * How https endpoints are spoken to: one context for each set of files that the snapshot
 * in force names, and one for the authorities that Node believes.
 *
 * `prepare` reads files before their snapshot is put in force; from then on they are read
 * again whenever they change. An exchange of an older snapshot finds the context of its own.
 */
export class UpstreamContexts {
  readonly #ports: UpstreamContextPorts;
  readonly #byFiles = new Map<string, WatchedContext>();
  readonly #byRule = new WeakMap<UpstreamTls, WatchedContext>();
  #standard: SecureContext | undefined;

  constructor(ports: UpstreamContextPorts) {
    this.#ports = ports;
  }

  /** Reads the files that a snapshot names. Returns what is wrong with them, a sentence each. */
  async prepare(snapshot: Snapshot): Promise<readonly string[]> {
    const problems: string[] = [];
    // It takes milliseconds: not in the middle of a request.
    if (snapshot.routes.some(speaksTls)) this.#standardContext();
    for (const { place, tls } of rulesOf(snapshot)) {
      const watched = this.#byFiles.get(filesOf(tls)) ?? new WatchedContext(tls, this.#ports);
      this.#byFiles.set(filesOf(tls), watched);
      this.#byRule.set(tls, watched);
      if (watched.context === undefined) await watched.look();
      const { trouble, context } = watched;
      if (context !== undefined) continue;
      problems.push(`tls.${trouble?.key} of ${place}: ${trouble?.message}`);
    }
    return problems;
  }

  /** Forgets the files that a snapshot, which is in force now, does not name. */
  retain(snapshot: Snapshot): void {
    const named = new Set([...rulesOf(snapshot)].map(({ tls }) => filesOf(tls)));
    for (const [files, watched] of this.#byFiles) {
      if (named.has(files)) continue;
      watched.close();
      this.#byFiles.delete(files);
    }
  }

  contextFor({ tls }: Endpoint): SecureContext {
    const watched = tls && this.#byRule.get(tls);
    return watched?.context ?? this.#standardContext();
  }

  #standardContext(): SecureContext {
    this.#standard ??= createSecureContext({ minVersion: 'TLSv1.2' });
    return this.#standard;
  }

  /** Returns what is known of each set of files, for metrics. */
  status() {
    return [...this.#byFiles.values()].map(({ files, certificateExpiresAt, trouble, counts }) => ({
      file: files[files.length === 1 ? 0 : files.length - 2] ?? '',
      expiresAt: certificateExpiresAt,
      refusal: trouble?.message,
      counts,
    }));
  }

  close(): void {
    for (const watched of this.#byFiles.values()) watched.close();
  }
}

function speaksTls({ versions }: Route): boolean {
  return versions.some(({ endpoints }) => endpoints.some(({ protocol }) => protocol === 'https'));
}

interface Rule {
  readonly place: string;
  readonly tls: UpstreamTls;
}

/** The rules of a snapshot that name files. */
function* rulesOf({ routes }: Snapshot): Iterable<Rule> {
  for (const route of routes) {
    for (const version of route.versions) {
      const tls = version.endpoints.find((endpoint) => endpoint.tls !== undefined)?.tls;
      if (tls === undefined || fileKeys.every((key) => tls[key] === undefined)) continue;
      yield { place: `version "${version.name}" of route "${route.name}"`, tls };
    }
  }
}
