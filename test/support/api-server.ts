import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import { type Resource, resources } from '../../src/core/kubernetes/api.ts';
import type { KubernetesObject } from '../../src/core/kubernetes/objects.ts';
import {
  ApiObjects,
  type Change,
  type Filter,
  type Kept,
  labelFilter,
  matches,
  nameOfResource,
  Refused,
} from './api-objects.ts';
import { authority, certificate, type TestCertificate } from './certificates.ts';

/** What was asked, in the words of RBAC. */
export interface Asked {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  /** Undefined where no name was said: `resourceNames` grant nothing then. */
  readonly name: string | undefined;
  readonly query: Readonly<Record<string, string>>;
}

/** A rule of a Role. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  readonly resourceNames?: readonly string[];
}

/** An answer in place of the one that was due. */
export interface Failure {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly message?: string;
}

interface Watcher {
  readonly asked: Asked;
  readonly resource: string;
  readonly filter: Filter;
  readonly takesBookmarks: boolean;
  readonly metadataOnly: boolean;
  readonly response: ServerResponse;
}

type Match = (asked: Asked) => boolean;
type Answer = readonly [code: number, value: unknown];

/** The address that the API answers at: whatever else a path is, 404. */
const pathShape =
  /^(?:\/api\/(?<core>v1)|\/apis\/(?<group>[^/]+)\/(?<version>[^/]+))(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[^/]+)(?:\/(?<name>[^/]+))?$/;
const verbs: Readonly<Record<string, Asked['verb']>> = {
  POST: 'create',
  PUT: 'update',
  PATCH: 'patch',
  DELETE: 'delete',
};

/**
 * A stub of an API server: lists, watches, bookmarks, selectors, versions and conflicts as the real
 * one has them, over TLS with an authority of its own. Every failure of the real one is a method.
 * Where it differs from a real one, it is wrong: the same tests run against both.
 */
export class ApiServer {
  /** Everything that was asked, in its order. */
  readonly asked: Asked[] = [];
  /** Connections so far: a TLS handshake each. */
  connections = 0;
  /** Who bears one of them may come in, and do what its rules say; undefined: everything. */
  readonly tokens = new Map<string, readonly PolicyRule[] | undefined>([['token-1', undefined]]);
  /** How 410 is told to a watch. */
  goneAs: 'status' | 'event' = 'event';
  /** Bytes of a watch are sent in pieces of this size; undefined: as they come. */
  pieceBytes: number | undefined;
  /** Lists with resourceVersion=0 are answered with what was there so many changes ago. */
  staleBy = 0;

  readonly #objects: ApiObjects;
  readonly #known: ReadonlyMap<string, Resource>;
  readonly #watchers = new Set<Watcher>();
  readonly #sockets = new Set<Socket>();
  readonly #failures: { match: Match; failure: Failure; left: number }[] = [];
  #authority: TestCertificate;
  #server: Server;
  #port = 0;
  #isSilent = false;

  constructor(known: readonly Resource[] = Object.values(resources)) {
    this.#known = new Map(known.map((resource) => [nameOfResource(resource), resource]));
    this.#objects = new ApiObjects((change) => this.#tell(change));
    this.#authority = authority('Test Cluster');
    this.#server = this.#newServer();
  }

  /** Starts one on a free port of 127.0.0.1; it is gone when the test is over. */
  static async start(t: Test, known?: readonly Resource[]): Promise<ApiServer> {
    const server = new ApiServer(known);
    await server.start();
    t.teardown(() => server.stop());
    return server;
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  /** PEM of who must be trusted. */
  get ca(): string {
    return this.#authority.cert;
  }

  /** Begins to listen, after `stop` again at the same port. */
  async start(): Promise<void> {
    if (this.#server.listening) return;
    this.#server = this.#newServer();
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(this.#port, '127.0.0.1', resolve);
    });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Is gone: connections are reset, new ones refused. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.reset();
    await closed;
  }

  // What is there.

  /** Puts an object, whether it is there or not, as somebody else would do. */
  put(resource: Resource, object: KubernetesObject): Kept {
    const { namespace = 'default', name } = object.metadata;
    const type = nameOfResource(resource);
    const { resourceVersion: _, ...metadata } = object.metadata;
    const { group, version } = resource;
    const apiVersion = group === '' ? version : `${group}/${version}`;
    const typed = { apiVersion, kind: kindOf(resource), ...object, metadata } as Kept;
    const before = this.#objects.get(type, namespace, name);
    if (before === undefined) return this.#objects.create(type, namespace, typed);
    const { resourceVersion = '' } = before.metadata;
    const conditioned = { ...typed, metadata: { ...metadata, resourceVersion } };
    return this.#objects.replace(type, namespace, name, conditioned);
  }

  remove(resource: Resource, namespace: string, name: string): void {
    this.#objects.remove(nameOfResource(resource), namespace, name);
  }

  get(resource: Resource, namespace: string, name: string): Kept | undefined {
    return this.#objects.get(nameOfResource(resource), namespace, name);
  }

  /** All of a namespace, by namespace/name. */
  all(resource: Resource, namespace: string): ReadonlyMap<string, Kept> {
    const filter = { namespace, name: undefined, labels: () => true };
    const objects = this.#objects.list(nameOfResource(resource), filter);
    return new Map(objects.map((object) => [`${namespace}/${object.metadata.name}`, object]));
  }

  /** The version of all that there is. */
  get version(): string {
    return String(this.#objects.at);
  }

  /** Changes so far are forgotten: older versions are gone. */
  compact(): void {
    this.#objects.compact();
  }

  /** As after a restore from a backup: fewer objects, and lower versions. Ends all connections. */
  restore(keep: (object: KubernetesObject) => boolean, at = 10): void {
    this.#objects.restore(keep, at);
    this.reset();
  }

  // How others reach it.

  /** A kubeconfig with a token in it. */
  kubeconfig(namespace = 'shop', token = 'token-1'): string {
    const data = Buffer.from(this.ca).toString('base64');
    return [
      'apiVersion: v1',
      'kind: Config',
      'current-context: stub',
      'clusters:',
      `- { name: stub, cluster: { server: "${this.url}", certificate-authority-data: ${data} } }`,
      `users: [{ name: stub, user: { token: ${token} } }]`,
      `contexts: [{ name: stub, context: { cluster: stub, user: stub, namespace: ${namespace} } }]`,
      '',
    ].join('\n');
  }

  /** Writes `kubeconfig` into a file that is gone with the test, and returns its path. */
  kubeconfigFile(t: Test, namespace?: string, token?: string): string {
    const file = join(temporary(t), 'config');
    writeFileSync(file, this.kubeconfig(namespace, token));
    return file;
  }

  /** Returns what a pod has: the folder of its service account, and its environment. */
  pod(t: Test, namespace = 'shop', token = 'token-1'): Pod {
    return new Pod(temporary(t), this.#port, { namespace, token, 'ca.crt': this.ca });
  }

  // How it fails.

  /** Answers the next `times` matching requests with a failure. */
  fail(match: Match | Asked['verb'], failure: Failure, times = 1): void {
    const holds = typeof match === 'string' ? ({ verb }: Asked) => verb === match : match;
    this.#failures.push({ match: holds, failure, left: times });
  }

  /** Ends all failures that are left. */
  mend(): void {
    this.#failures.length = 0;
    this.#isSilent = false;
  }

  /** Neither answers nor sends: whoever is connected stays so, and hears nothing. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Ends all watches in the ordinary way. */
  endWatches(): void {
    for (const watcher of this.#watchers) watcher.response.end();
    this.#watchers.clear();
  }

  /** Cuts all connections, after these bytes in the middle of all watches. */
  reset(unfinished = ''): void {
    for (const { response } of this.#watchers) {
      if (unfinished !== '') response.write(Buffer.from(unfinished, 'latin1'));
    }
    this.#watchers.clear();
    for (const socket of this.#sockets) socket.destroySoon();
    this.#sockets.clear();
  }

  /** Sends text to all watches as it is. */
  send(text: string | Buffer): void {
    for (const { response } of this.#watchers) response.write(text);
  }

  /** Sends an ERROR event to all watches, and ends them. */
  error(code: number, message: string, reason = 'InternalError'): void {
    this.send(`${JSON.stringify({ type: 'ERROR', object: status(code, reason, message) })}\n`);
    this.endWatches();
  }

  /** Tells all watches that take it that they know everything up to now. */
  bookmark(): void {
    for (const watcher of this.#watchers) {
      if (!watcher.takesBookmarks) continue;
      const metadata = { resourceVersion: this.version, creationTimestamp: null };
      this.#write(watcher, 'BOOKMARK', { metadata: { name: '', ...metadata } });
    }
  }

  /** Watches that are open. */
  get watches(): readonly Asked[] {
    return [...this.#watchers].map(({ asked }) => asked);
  }

  /** Has certificates of another authority from now on. Ends all connections. */
  rotateAuthority(): void {
    this.#authority = authority('Test Cluster');
    this.#server.setSecureContext(this.#served());
    this.reset();
  }

  /** Returns a certificate that clients may come in with, signed by the authority of now. */
  clientCertificate(name: string): TestCertificate {
    return certificate({ names: [name], issuer: this.#authority });
  }

  #served() {
    const own = certificate({ names: ['127.0.0.1', 'localhost'], issuer: this.#authority });
    return { cert: own.cert, key: own.key, ca: this.#authority.cert };
  }

  #newServer(): Server {
    const options = { ...this.#served(), requestCert: true, rejectUnauthorized: false };
    const server = createServer(options, (request, response) => {
      this.#answer(request, response).catch((error) => {
        if (!(error instanceof Refused)) throw error;
        const { code, reason, message } = error;
        json(response, code, status(code, reason, message));
      });
    });
    server.on('secureConnection', () => this.connections++);
    server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      socket.on('error', () => socket.destroy());
    });
    server.on('tlsClientError', () => undefined);
    return server;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { asked, resource } = this.#askedBy(request);
    const body = await textOf(request);
    const rules = this.#rulesFor(request);
    this.asked.push(asked);
    if (this.#isSilent) return;
    if (this.#failed(asked, response)) return;
    mayDo(asked, rules);
    if (asked.verb === 'watch') {
      this.#watch(asked, resource, asksForMetadata(request.headers), response);
    } else json(response, ...this.#done(asked, resource, body, request.headers));
  }

  /** Returns status and body. */
  #done(asked: Asked, resource: string, body: string, headers: IncomingHttpHeaders): Answer {
    const { verb, namespace, name = '' } = asked;
    const metadataOnly = asksForMetadata(headers);
    switch (verb) {
      case 'get': {
        const found = this.#objects.get(resource, namespace, name);
        if (found === undefined) {
          throw new Refused(404, 'NotFound', `${resource} "${name}" not found`);
        }
        return [200, metadataOnly ? partial(found) : found];
      }
      case 'create':
        return [201, this.#objects.create(resource, namespace, parsed(body))];
      case 'update': {
        const object = parsed(body);
        if (object.metadata.name !== name) {
          throw new Refused(400, 'BadRequest', 'the name of the object does not match the URL');
        }
        return [200, this.#objects.replace(resource, namespace, name, object)];
      }
      case 'patch':
        if (headers['content-type'] !== 'application/merge-patch+json') {
          throw new Refused(415, 'UnsupportedMediaType', 'only merge patches are taken');
        }
        return [200, this.#objects.patch(resource, namespace, name, parsed(body))];
      case 'delete':
        return [200, this.#objects.remove(resource, namespace, name)];
      default:
        return [200, this.#list(asked, resource, metadataOnly)];
    }
  }

  #list(asked: Asked, resource: string, metadataOnly: boolean) {
    const { resourceVersion = '' } = asked.query;
    const version = this.#versionOf(resourceVersion);
    if (version > this.#objects.at) {
      const message = `Too large resource version: ${version}, current: ${this.version}`;
      throw new Refused(504, 'Timeout', message);
    }
    const at = resourceVersion === '0' ? this.#objects.at - this.staleBy : this.#objects.at;
    const items = this.#objects.list(resource, filterOf(asked), at);
    const kind = metadataOnly ? 'PartialObjectMetadataList' : 'List';
    return {
      kind,
      apiVersion: metadataOnly ? 'meta.k8s.io/v1' : 'v1',
      metadata: { resourceVersion: String(at) },
      items: metadataOnly ? items.map(partial) : items,
    };
  }

  #versionOf(text: string): number {
    if (/^\d*$/.test(text)) return Number(text);
    throw new Refused(400, 'BadRequest', `Invalid value: "${text}": invalid resource version`);
  }

  #watch(asked: Asked, resource: string, metadataOnly: boolean, response: ServerResponse): void {
    const { query } = asked;
    const from = this.#versionOf(query.resourceVersion ?? '');
    const missed = this.#objects.since(from);
    if (missed === undefined) {
      const gone = new Refused(410, 'Expired', `too old resource version: ${from}`);
      if (this.goneAs === 'status') throw gone;
      response.writeHead(200, { 'content-type': 'application/json' });
      const event = { type: 'ERROR', object: status(gone.code, gone.reason, gone.message) };
      response.end(`${JSON.stringify(event)}\n`);
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json' });
    response.flushHeaders();
    const takesBookmarks = query.allowWatchBookmarks === 'true';
    const filter = filterOf(asked);
    const watcher = { asked, resource, filter, takesBookmarks, metadataOnly, response };
    this.#watchers.add(watcher);
    response.once('close', () => this.#watchers.delete(watcher));
    for (const change of missed) this.#tellOne(watcher, change);
  }

  #tell(change: Change): void {
    for (const watcher of this.#watchers) this.#tellOne(watcher, change);
  }

  #tellOne(watcher: Watcher, { resource, at, before, after }: Change): void {
    if (watcher.resource !== resource) return;
    const was = matches(watcher.filter, before);
    const is = matches(watcher.filter, after);
    if (is && after !== undefined) this.#write(watcher, was ? 'MODIFIED' : 'ADDED', after);
    else if (was && before !== undefined) {
      const metadata = { ...before.metadata, resourceVersion: String(at) };
      this.#write(watcher, 'DELETED', { ...before, metadata });
    }
  }

  #write({ response, metadataOnly }: Watcher, type: string, object: Kept): void {
    if (this.#isSilent) return;
    const event = { type, object: metadataOnly ? partial(object) : object };
    const bytes = Buffer.from(`${JSON.stringify(event)}\n`);
    const { pieceBytes = bytes.length } = this;
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      response.write(bytes.subarray(at, at + pieceBytes));
    }
  }

  #failed(asked: Asked, response: ServerResponse): boolean {
    const found = this.#failures.find(({ match, left }) => left > 0 && match(asked));
    if (found === undefined) return false;
    found.left--;
    const { status: code, headers = {}, message = 'made to fail' } = found.failure;
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    json(response, code, status(code, 'Failed', message));
    return true;
  }

  /** Throws where somebody is not known. */
  #rulesFor({ headers, socket }: IncomingMessage): readonly PolicyRule[] | undefined {
    const [, token = ''] = /^Bearer (.+)$/.exec(headers.authorization ?? '') ?? [];
    if (this.tokens.has(token)) return this.tokens.get(token);
    if ('authorized' in socket && socket.authorized === true) return undefined;
    throw new Refused(401, 'Unauthorized', 'Unauthorized');
  }

  #askedBy({ method = 'GET', url = '/' }: IncomingMessage): { asked: Asked; resource: string } {
    const { pathname, searchParams } = new URL(url, this.url);
    const parts = pathShape.exec(pathname)?.groups;
    const { group = '', version = 'v1', plural = '', namespace = '', name } = parts ?? {};
    const resource = nameOfResource({ group, version, plural });
    if (this.#known.get(resource)?.version !== version) {
      throw new Refused(404, 'NotFound', 'the server could not find the requested resource');
    }
    const query = Object.fromEntries(searchParams);
    const collection = query.watch === 'true' ? 'watch' : 'list';
    const verb = verbs[method] ?? (name === undefined ? collection : 'get');
    const field = /^metadata\.name=(.+)$/.exec(query.fieldSelector ?? '')?.[1];
    return {
      asked: { verb, group, resource: plural, namespace, name: name ?? field, query },
      resource,
    };
  }
}

/** The folder that the kubelet mounts for a service account, written in the kubelet's way. */
export class Pod {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  #files: Readonly<Record<string, string>>;
  #count = 0;

  constructor(folder: string, port: number, files: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) };
    this.#files = files;
    for (const name of Object.keys(files)) symlinkSync(`..data/${name}`, join(folder, name));
    this.write({});
  }

  /** Replaces files: `token`, `ca.crt`, `namespace`. */
  write(files: Readonly<Record<string, string>>): void {
    this.#files = { ...this.#files, ...files };
    const version = `..${++this.#count}`;
    mkdirSync(join(this.folder, version));
    for (const [name, text] of Object.entries(this.#files)) {
      writeFileSync(join(this.folder, version, name), text);
    }
    symlinkSync(version, join(this.folder, '..data_tmp'));
    renameSync(join(this.folder, '..data_tmp'), join(this.folder, '..data'));
  }
}

function temporary(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Throws where no rule grants what is asked. */
function mayDo(
  { verb, group, resource, namespace, name }: Asked,
  rules: readonly PolicyRule[] | undefined,
): void {
  const isGranted = rules?.some(
    (rule) =>
      rule.apiGroups.includes(group) &&
      rule.resources.includes(resource) &&
      rule.verbs.includes(verb) &&
      // A name that is not said is in no list: `create` cannot be granted by name.
      (rule.resourceNames === undefined ||
        (name !== undefined && rule.resourceNames.includes(name))),
  );
  if (isGranted ?? true) return;
  const who = 'User "system:serviceaccount:shop:turnout"';
  const what = `cannot ${verb} resource "${resource}" in API group "${group}"`;
  const subject = name === undefined ? resource : `${resource} "${name}"`;
  const message = `${subject} is forbidden: ${who} ${what} in the namespace "${namespace}"`;
  throw new Refused(403, 'Forbidden', message);
}

function filterOf({ namespace, query, name }: Asked): Filter {
  const { fieldSelector = '', labelSelector = '' } = query;
  if (!/^(metadata\.name=.+)?$/.test(fieldSelector)) {
    throw new Refused(400, 'BadRequest', `field label not supported: ${fieldSelector}`);
  }
  return {
    namespace: namespace === '' ? undefined : namespace,
    name,
    labels: labelFilter(labelSelector),
  };
}

function kindOf({ plural }: Resource): string {
  const kinds: Readonly<Record<string, string>> = {
    configmaps: 'ConfigMap',
    services: 'Service',
    pods: 'Pod',
    endpointslices: 'EndpointSlice',
    leases: 'Lease',
    httproutes: 'HTTPRoute',
  };
  return kinds[plural] ?? plural;
}

function asksForMetadata({ accept = '' }: IncomingHttpHeaders): boolean {
  return /as=PartialObjectMetadata(List)?;/.test(accept);
}

function partial({ metadata }: Kept): Kept {
  return { apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata };
}

function status(code: number, reason: string, message: string) {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    metadata: {},
    message,
    reason,
    code,
  };
}

function parsed(body: string): Kept {
  try {
    return JSON.parse(body) as Kept;
  } catch {
    throw new Refused(400, 'BadRequest', 'the object provided is unrecognized');
  }
}

function json(response: ServerResponse, code: number, value: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
