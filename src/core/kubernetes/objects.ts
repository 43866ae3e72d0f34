/** Objects of the Kubernetes API, as far as Turnout reads them: whatever may be absent may be null. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  /** Opaque: to be compared for equality only. */
  readonly resourceVersion?: string;
  readonly creationTimestamp?: string | null;
  readonly deletionTimestamp?: string | null;
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly annotations?: Readonly<Record<string, string>> | null;
  /** Who has written what of it, and when: RFC 3339, whole seconds. */
  readonly managedFields?: readonly { readonly time?: string | null }[] | null;
}

export interface KubernetesObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: ObjectMeta;
}

/** v1 ConfigMap. */
export interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>> | null;
  /** Base64. */
  readonly binaryData?: Readonly<Record<string, string>> | null;
}

/** v1 Service: only its ports. */
export interface Service extends KubernetesObject {
  readonly spec?: {
    readonly ports?: readonly ServicePort[] | null;
  } | null;
}

export interface ServicePort {
  readonly name?: string | null;
  readonly port: number;
  readonly targetPort?: number | string | null;
}

/** discovery.k8s.io/v1 EndpointSlice. */
export interface EndpointSlice extends KubernetesObject {
  readonly addressType: 'IPv4' | 'IPv6' | 'FQDN';
  readonly endpoints?: readonly SliceEndpoint[] | null;
  readonly ports?: readonly SlicePort[] | null;
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  /** Of these, `ready` and `serving` are true where nothing is said, `terminating` is false. */
  readonly conditions?: {
    readonly ready?: boolean | null;
    readonly serving?: boolean | null;
    readonly terminating?: boolean | null;
  } | null;
  readonly targetRef?: {
    readonly kind?: string | null;
    readonly namespace?: string | null;
    readonly name?: string | null;
    readonly uid?: string | null;
  } | null;
}

export interface SlicePort {
  readonly name?: string | null;
  readonly port?: number | null;
  readonly protocol?: string | null;
}

/** coordination.k8s.io/v1 Lease. */
export interface Lease extends KubernetesObject {
  readonly spec?: {
    readonly holderIdentity?: string | null;
    readonly leaseDurationSeconds?: number | null;
    /** With six digits of a second. */
    readonly acquireTime?: string | null;
    readonly renewTime?: string | null;
    readonly leaseTransitions?: number | null;
  } | null;
}
