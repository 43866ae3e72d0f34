import { gunzipSync, gzipSync } from 'node:zlib';
import { ApiError, type KubernetesApi, resources, type Watch } from '#core/kubernetes/api';
import type { ConfigMap } from '#core/kubernetes/objects';

export interface LedgerPorts<Kept> {
  readonly api: Pick<KubernetesApi, 'get' | 'create' | 'patch' | 'watch'>;
  readonly namespace: string;
  readonly name: string;
  /** What is kept where the ConfigMap is empty, or not there. */
  readonly nothing: Kept;
  /** Reads what `write` was given, from JSON. Throws where it is of another format. */
  readonly read: (value: unknown) => Kept;
  /** Told that there is something new in `latest`. */
  readonly changed: () => void;
  readonly troubled: (message: string) => void;
}

/** What is in the ledger. */
export interface State<Kept> {
  readonly kept: Kept;
  /** `resourceVersion`; '' where there is no ConfigMap. */
  readonly version: string;
  /** Of the leader who wrote last. */
  readonly term: number;
}

/** What happened to the writes of this process. */
export interface LedgerCounts {
  readonly written: number;
  readonly conflicts: number;
  readonly failures: number;
}

export interface WriteOptions {
  /** Of the leader whose decision it is; undefined: a person's. */
  readonly term: number | undefined;
  /** Asked right before it is sent. */
  readonly mayWrite: () => boolean;
}

const ledgerKey = 'ledger.json';
const packedKey = 'ledger.json.gz';
const documentPrefix = 'document-';
/** Longer ones are packed: up to here a person can read it in place. */
const readableBytes = 200_000;
/** An object may have 1 MiB; the rest is for its other fields. */
const mostBytes = 900_000;

interface Found<Kept> extends State<Kept> {
  readonly uid: string | undefined;
  /** Counts the writes: an event that is older than what is known comes late. */
  readonly serial: number;
  /** By hash: packed, in base64. */
  readonly documents: ReadonlyMap<string, string>;
}

/**
 * Keeps what several replicas share in one ConfigMap. Every write says which state it was made of: where
 * somebody else was faster it is not done, and has to be decided again.
 */
export class ConfigMapLedger<Kept> {
  /** Resolves when the ledger was read for the first time. Never rejects. */
  readonly ready: Promise<void>;
  readonly #ports: LedgerPorts<Kept>;
  readonly #watch: Watch;
  #found: Found<Kept>;
  /** Texts that the next write brings along, and those that belong to nothing any more. */
  readonly #added = new Map<string, string>();
  #wanted: ReadonlySet<string> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #told: string | undefined;
  #writeTrouble: string | undefined;
  #counts = { written: 0, conflicts: 0, failures: 0 };

  constructor(ports: LedgerPorts<Kept>) {
    this.#ports = ports;
    const nothing = { kept: ports.nothing, version: '', term: 0 };
    this.#found = { ...nothing, uid: undefined, serial: 0, documents: new Map() };
    const { api, namespace, name } = ports;
    this.#watch = api.watch<ConfigMap>(
      { resource: resources.configMaps, namespace, name },
      (objects) => this.#heard(objects.get(`${namespace}/${name}`)),
    );
    this.ready = this.#watch.synced;
  }

  /** What is there, as far as has been heard. */
  latest(): State<Kept> {
    return this.#found;
  }

  get counts(): LedgerCounts {
    return this.#counts;
  }

  /** What keeps it from hearing of what others write, or from writing; undefined: nothing. */
  get trouble(): string | undefined {
    return this.#watch.status().trouble ?? this.#writeTrouble;
  }

  /** Reads it anew, past any cache. Rejects where it cannot be. */
  refresh(): Promise<void> {
    return this.#inTurn(async () => this.#take(await this.#get()));
  }

  /**
   * Writes what was made of the state of this version. Returns the version it has now; undefined
   * where somebody else has written since: then `latest` has that. Rejects where the server says no.
   */
  write(kept: Kept, version: string, options: WriteOptions): Promise<string | undefined> {
    return this.#inTurn(async () => {
      const term = options.term ?? this.#found.term;
      if (version !== this.#found.version || term < this.#found.term) return this.#lost();
      const { object, next } = this.#objectOf(kept, term);
      if (!options.mayWrite()) throw new Error('this replica does not lead any more');
      const stored = await this.#stored(object);
      this.#writeTrouble = undefined;
      if (stored === undefined) return this.#lost();
      this.#found = { ...next, version: versionOf(stored), uid: stored.metadata.uid };
      this.#added.clear();
      this.#counts.written++;
      return this.#found.version;
    });
  }

  /** Undefined where somebody else was faster, or has deleted it: then what is there is known. */
  async #stored(object: object): Promise<ConfigMap | undefined> {
    try {
      return await this.#store(object);
    } catch (error) {
      const isOvertaken = error instanceof ApiError && (error.isConflict || error.status === 404);
      if (isOvertaken) {
        this.#take(await this.#get());
        return undefined;
      }
      this.#counts.failures++;
      const explained = this.#explained(error);
      const reason = explained instanceof Error ? explained.message : String(explained);
      this.#writeTrouble = `the ledger cannot be written: ${reason}`;
      throw explained;
    }
  }

  #lost(): undefined {
    this.#counts.conflicts++;
    return undefined;
  }

  async document(hash: string): Promise<string | undefined> {
    const packed = this.#found.documents.get(hash);
    return this.#added.get(hash) ?? (packed === undefined ? undefined : unpacked(packed));
  }

  /** It goes with the next write. */
  saveDocument(hash: string, text: string): void {
    if (!this.#found.documents.has(hash)) this.#added.set(hash, text);
  }

  /** Documents that stay, the oldest first. */
  retain(hashes: ReadonlySet<string>): void {
    this.#wanted = hashes;
  }

  close(): void {
    this.#watch.close();
  }

  #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    const acted = this.#turn.then(act);
    this.#turn = acted.catch(() => {});
    return acted;
  }

  async #get(): Promise<ConfigMap | undefined> {
    const { api, namespace, name } = this.#ports;
    return api.get<ConfigMap>(resources.configMaps, namespace, name);
  }

  #store(object: object): Promise<ConfigMap> {
    const { api, namespace, name } = this.#ports;
    const { version } = this.#found;
    if (version === '') {
      const created = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace } };
      return api.create<ConfigMap>(resources.configMaps, namespace, { ...created, ...object });
    }
    const patch = { metadata: { resourceVersion: version }, ...object };
    return api.patch<ConfigMap>(resources.configMaps, namespace, name, patch);
  }

  /** Returns what is to be written, as a merge patch: null takes a key away. */
  #objectOf(kept: Kept, term: number) {
    const serial = this.#found.serial + 1;
    const text = JSON.stringify({ format: 1, term, serial, kept });
    const isReadable = text.length <= readableBytes;
    const packed = isReadable ? '' : pack(text);
    const room = mostBytes - (isReadable ? Buffer.byteLength(text) : packed.length);
    if (room < 0) throw new Error(`what is to be kept takes more than ${mostBytes} bytes`);
    const documents = this.#documentsFor(room);
    const binaryData = this.#changedDocuments(documents);
    const isNew = this.#found.version === '';
    if (!isReadable) binaryData[packedKey] = packed;
    else if (!isNew) binaryData[packedKey] = null;
    const data = isReadable ? { [ledgerKey]: text } : isNew ? {} : { [ledgerKey]: null };
    return { object: { data, binaryData }, next: { kept, term, serial, documents } };
  }

  #changedDocuments(documents: ReadonlyMap<string, string>): Record<string, string | null> {
    const changed: Record<string, string | null> = {};
    const before = this.#found.version === '' ? new Map() : this.#found.documents;
    for (const [hash, bytes] of documents) {
      if (!before.has(hash)) changed[documentPrefix + hash] = bytes;
    }
    for (const hash of before.keys()) {
      if (!documents.has(hash)) changed[documentPrefix + hash] = null;
    }
    return changed;
  }

  /** The youngest that there is room for. */
  #documentsFor(room: number): ReadonlyMap<string, string> {
    const all = new Map(this.#found.documents);
    for (const [hash, text] of this.#added) all.set(hash, pack(text));
    const order = this.#wanted === undefined ? [...all.keys()] : [...this.#wanted];
    const fitting: [string, string][] = [];
    let left = room;
    for (const hash of order.toReversed()) {
      const packed = all.get(hash);
      if (packed === undefined || packed.length > left) continue;
      left -= packed.length;
      fitting.push([hash, packed]);
    }
    return new Map(fitting);
  }

  /** An event may be older than what a write of our own has brought: then the server is asked. */
  #heard(object: ConfigMap | undefined): void {
    const heard = this.#inTurn(async () => {
      const isSure = object !== undefined && !this.#isLate(object);
      if (isSure || this.#found.version !== '') this.#take(isSure ? object : await this.#get());
    });
    // What could not be asked is heard of when it changes again, and by the next write.
    heard.catch(() => {});
  }

  #isLate(object: ConfigMap): boolean {
    if (versionOf(object) === this.#found.version) return false;
    if (this.#found.uid !== undefined && object.metadata.uid !== this.#found.uid) return true;
    return (this.#readable(object)?.serial ?? 0) < this.#found.serial;
  }

  #take(object: ConfigMap | undefined): void {
    if (object === undefined) {
      // Somebody has deleted it: what is in force stays, and the next write makes it anew.
      if (this.#found.version === '') return;
      this.#found = { ...this.#found, version: '', uid: undefined };
      this.#ports.changed();
      return;
    }
    if (versionOf(object) === this.#found.version) return;
    const found = this.#readable(object);
    if (found === undefined) return;
    this.#found = found;
    this.#ports.changed();
  }

  /** Undefined where it cannot be read: what is known stays. */
  #readable(object: ConfigMap): Found<Kept> | undefined {
    const { namespace, name, troubled } = this.#ports;
    try {
      const found = this.#foundIn(object);
      this.#told = undefined;
      return found;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const remedy = 'delete the ConfigMap to begin every rollout again at its first step';
      const message = `configmap ${namespace}/${name}: cannot be read: ${reason}; ${remedy}`;
      if (message !== this.#told) troubled(message);
      this.#told = message;
      return undefined;
    }
  }

  #foundIn(object: ConfigMap): Found<Kept> {
    const packed = object.binaryData?.[packedKey];
    const text = packed === undefined ? object.data?.[ledgerKey] : unpacked(packed);
    const documents = new Map<string, string>();
    for (const [key, bytes] of Object.entries(object.binaryData ?? {})) {
      if (key.startsWith(documentPrefix)) documents.set(key.slice(documentPrefix.length), bytes);
    }
    const at = { version: versionOf(object), uid: object.metadata.uid, documents };
    if (text === undefined) return { ...at, kept: this.#ports.nothing, term: 0, serial: 0 };
    // Written by `#objectOf`; what is kept is checked by whoever knows it.
    const written = JSON.parse(text) as Record<'format' | 'term' | 'serial', number> & {
      readonly kept: unknown;
    };
    if (written.format !== 1) throw new Error(`format ${written.format} is not known`);
    const { term, serial } = written;
    return { ...at, term, serial, kept: this.#ports.read(written.kept) };
  }

  #explained(error: unknown): unknown {
    if (!(error instanceof ApiError) || error.status !== 403) return error;
    const { namespace, name } = this.#ports;
    const needed = this.#found.version === '' ? 'create' : 'patch';
    return new Error(
      `configmap ${namespace}/${name}: ${error.message}; the Role must allow ${needed}`,
    );
  }
}

function versionOf(object: ConfigMap): string {
  return object.metadata.resourceVersion ?? '';
}

function pack(text: string): string {
  return gzipSync(text).toString('base64');
}

function unpacked(packed: string): string {
  return gunzipSync(Buffer.from(packed, 'base64')).toString('utf8');
}
