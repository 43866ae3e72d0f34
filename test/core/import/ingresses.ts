export interface MadeIngress {
  readonly name?: string;
  readonly namespace?: string;
  readonly host?: string;
  readonly path?: string;
  readonly pathType?: string;
  readonly service?: string;
  readonly port?: number | string;
  /** Without their prefix. */
  readonly annotations?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** Returns an Ingress of shop.example.com as JSON, which is YAML; whatever is said is as said. */
export function ingress({
  name = 'web',
  namespace = 'shop',
  host = 'shop.example.com',
  path = '/',
  pathType = 'Prefix',
  service = 'shop-v1',
  port = 8080,
  annotations = {},
  spec = {},
  metadata = {},
}: MadeIngress = {}): object {
  const entries = Object.entries(annotations);
  const named = entries.map(([key, value]) => [`nginx.ingress.kubernetes.io/${key}`, value]);
  const portWish = typeof port === 'number' ? { number: port } : { name: port };
  const backend = { service: { name: service, port: portWish } };
  const rule = { ...(host === '' ? {} : { host }), http: { paths: [{ path, pathType, backend }] } };
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace, annotations: Object.fromEntries(named), ...metadata },
    spec: { rules: [rule], ...spec },
  };
}

/** The canary of `ingress()`: another Service, and annotations. */
export function canary({ annotations = {}, ...rest }: MadeIngress = {}): object {
  return ingress({
    name: 'web-canary',
    service: 'shop-v2',
    ...rest,
    annotations: { canary: 'true', ...annotations },
  });
}

/** As `kubectl get -o yaml` has several: one list. */
export function listOf(...items: readonly object[]): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, undefined, 1);
}
