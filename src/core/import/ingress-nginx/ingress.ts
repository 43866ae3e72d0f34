import type { Span } from '#core/document/finding';
import type { Tree } from '#core/document/tree';
import type { KubeObject } from '../kube-object.ts';
import type { PortWish } from '../services.ts';
import { entriesAt, listAt, numberAt, placeOf, textAt, textsAt, treeAt } from '../value.ts';

const prefix = 'nginx.ingress.kubernetes.io/';

/** Where an Ingress sends requests. */
export interface Backend {
  readonly service: string;
  readonly port: PortWish;
  readonly span: Span;
}

/** Undefined backend: it is no Service. */
export interface IngressPath {
  readonly path: string;
  readonly type: 'Exact' | 'Prefix' | 'ImplementationSpecific';
  readonly backend: Backend | undefined;
  readonly span: Span;
}

export interface IngressRule {
  /** In lower case; '' where none is said. */
  readonly host: string;
  readonly paths: readonly IngressPath[];
}

/** An Ingress (networking.k8s.io/v1), as far as it is read. */
export interface Ingress {
  readonly object: KubeObject;
  readonly annotations: Annotations;
  /** '' where none is said. */
  readonly className: string;
  readonly rules: readonly IngressRule[];
  readonly defaultBackend: Backend | undefined;
  readonly tls: readonly {
    readonly hosts: readonly string[];
    readonly secret: string;
    readonly span: Span;
  }[];
}

/** The controller's annotations of an object, by what follows its prefix. */
export class Annotations {
  readonly #values: ReadonlyMap<string, Tree>;

  constructor(object: Tree) {
    const values = new Map<string, Tree>();
    for (const [key, value] of entriesAt(object, ['metadata', 'annotations'])) {
      if (key.startsWith(prefix)) values.set(key.slice(prefix.length), value);
    }
    this.#values = values;
  }

  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** '' counts as absent: the controller takes it so. */
  text(name: string): string | undefined {
    const value = this.#values.get(name)?.value;
    return value === undefined || value === '' ? undefined : String(value).trim();
  }

  /** What Go's `strconv.ParseBool` takes; undefined for everything else. */
  flag(name: string): boolean | undefined {
    const text = this.text(name) ?? '';
    if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
    return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
  }

  /** A whole number; undefined for everything else. */
  number(name: string): number | undefined {
    const text = this.text(name) ?? '';
    return /^[+-]?\d{1,12}$/.test(text) ? Number(text) : undefined;
  }

  span(name: string): Span {
    const value = this.#values.get(name);
    return value === undefined ? { start: 0, end: 1 } : placeOf(value);
  }
}

export function ingressOf(object: KubeObject): Ingress {
  const { tree } = object;
  const annotations = new Annotations(tree);
  const legacyClass = treeAt(tree, ['metadata', 'annotations', 'kubernetes.io/ingress.class']);
  return {
    object,
    annotations,
    className: textAt(tree, ['spec', 'ingressClassName']) ?? String(legacyClass?.value ?? ''),
    rules: listAt(tree, ['spec', 'rules']).map(ruleOf),
    defaultBackend: backendOf(treeAt(tree, ['spec', 'defaultBackend'])),
    tls: listAt(tree, ['spec', 'tls']).map((entry) => ({
      hosts: textsAt(entry, ['hosts']).map((host) => host.toLowerCase()),
      secret: textAt(entry, ['secretName']) ?? '',
      span: placeOf(entry),
    })),
  };
}

function ruleOf(rule: Tree): IngressRule {
  const paths = listAt(rule, ['http', 'paths']).map((path): IngressPath => {
    const type = textAt(path, ['pathType']);
    return {
      // The controller reads no path as "/".
      path: textAt(path, ['path']) || '/',
      type: type === 'Exact' || type === 'Prefix' ? type : 'ImplementationSpecific',
      backend: backendOf(treeAt(path, ['backend'])),
      span: placeOf(path),
    };
  });
  // What is no text is no host, and not every host either.
  const host = String(treeAt(rule, ['host'])?.value ?? '');
  return { host: host.toLowerCase(), paths };
}

function backendOf(backend: Tree | undefined): Backend | undefined {
  if (backend === undefined) return undefined;
  const service = textAt(backend, ['service', 'name']);
  if (service === undefined) return undefined;
  const port = numberAt(backend, ['service', 'port', 'number']);
  const name = textAt(backend, ['service', 'port', 'name']);
  return {
    service,
    port:
      port !== undefined
        ? { kind: 'number', port }
        : name === undefined
          ? { kind: 'only' }
          : { kind: 'name', name },
    span: placeOf(backend),
  };
}

/** Returns the beginning of the names of its routes. */
export function nameOf({ object: { namespace, name } }: Ingress): string {
  return namespace === '' ? name : `${namespace}.${name}`;
}

export function isCanary({ annotations }: Ingress): boolean {
  return annotations.flag('canary') === true;
}
