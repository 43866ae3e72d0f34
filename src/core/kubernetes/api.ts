import type { KubernetesObject } from './objects.ts';

/** A kind of object, as the paths of the API name it. */
export interface Resource {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  readonly plural: string;
}

export const resources = {
  configMaps: { group: '', version: 'v1', plural: 'configmaps' },
  services: { group: '', version: 'v1', plural: 'services' },
  pods: { group: '', version: 'v1', plural: 'pods' },
  endpointSlices: { group: 'discovery.k8s.io', version: 'v1', plural: 'endpointslices' },
  leases: { group: 'coordination.k8s.io', version: 'v1', plural: 'leases' },
  httpRoutes: { group: 'gateway.networking.k8s.io', version: 'v1', plural: 'httproutes' },
} as const satisfies Record<string, Resource>;

/** Which objects are followed. */
export interface Selection {
  readonly resource: Resource;
  readonly namespace: string;
  /** The one of this name; undefined: all. */
  readonly name?: string;
  /** `kubernetes.io/service-name=shop`. */
  readonly labelSelector?: string;
  /** Only `metadata` of each object is asked for. */
  readonly metadataOnly?: boolean;
}

/** Why something is watched anew. */
export const watchRestarts = [
  'ended',
  'gone',
  'cut',
  'silent',
  'unreachable',
  'unauthorized',
  'forbidden',
  'throttled',
  'server_error',
  'unreadable',
] as const;
export type WatchRestart = (typeof watchRestarts)[number];

/** How a watch stands. */
export interface WatchStatus {
  /** `configmaps`. */
  readonly resource: string;
  /** `configmaps shop/turnout-rules`. */
  readonly what: string;
  /** All that there is was read at least once. */
  readonly isSynced: boolean;
  /** What keeps it from hearing, as a sentence with its remedy; undefined: nothing does. */
  readonly trouble: string | undefined;
  /** Of the last event, bookmark or list: monotonic, milliseconds. */
  readonly lastHeardAt: number | undefined;
  readonly restarts: Readonly<Record<WatchRestart, number>>;
}

export interface Watch {
  /** Resolves when all that there is was read for the first time. Never rejects. */
  readonly synced: Promise<void>;
  readonly status: () => WatchStatus;
  /** Lists anew, past any cache. Resolves when that is done; rejects where it cannot be. */
  readonly refresh: () => Promise<void>;
  readonly close: () => void;
}

/**
 * Follows objects for as long as the process lives: whatever happens to the API server, `changed` is
 * called with all that there is, by namespace/name, once it is known and whenever it is different.
 * What `changed` throws ends nothing.
 */
export type WatchObjects = <T extends KubernetesObject>(
  selection: Selection,
  changed: (objects: ReadonlyMap<string, T>) => void,
) => Watch;

/** Reading and writing single objects. All reject with `ApiError` where the server says no. */
export interface ObjectStore {
  /** Undefined: there is none. */
  readonly get: <T extends KubernetesObject>(
    resource: Resource,
    namespace: string,
    name: string,
  ) => Promise<T | undefined>;
  readonly create: <T extends KubernetesObject>(
    resource: Resource,
    namespace: string,
    object: T,
  ) => Promise<T>;
  /** Replaces it whole. With a `resourceVersion`: only if it is still that one. */
  readonly replace: <T extends KubernetesObject>(
    resource: Resource,
    namespace: string,
    object: T,
  ) => Promise<T>;
  /** A JSON merge patch (RFC 7396); `metadata.resourceVersion` in it is a condition, as above. */
  readonly patch: <T extends KubernetesObject>(
    resource: Resource,
    namespace: string,
    name: string,
    patch: object,
  ) => Promise<T>;
}

/** What an API server has answered in place of what was asked for. */
export class ApiError extends Error {
  /** HTTP status; 0: it could not be reached, or its answer not be read. */
  readonly status: number;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, message: string, retryAfterMs?: number) {
    super(message);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }

  /** Somebody else was faster. */
  get isConflict(): boolean {
    return this.status === 409;
  }
}

/** A connection to one API server. */
export interface KubernetesApi extends ObjectStore {
  readonly watch: WatchObjects;
  /** How all of its watches stand. */
  readonly watches: () => readonly WatchStatus[];
  /** The namespace that this process runs in; undefined outside of a cluster, where none is said. */
  readonly namespace: string | undefined;
  readonly close: () => Promise<void>;
}
