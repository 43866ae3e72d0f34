import {
  type KnownService,
  type ServiceEndpoints,
  serviceEndpoints,
} from '#core/endpoints/service-endpoints';
import { resources, type Selection, type WatchObjects } from '#core/kubernetes/api';
import type { EndpointSlice, KubernetesObject, Service } from '#core/kubernetes/objects';
import type { ServiceRule } from '#core/routing/rules';
import { serviceText } from '#core/routing/service-text';
import { Followed } from './followed.ts';

export interface ServicePorts {
  readonly watch: WatchObjects;
  /** Where services are that name no namespace; undefined: nowhere. */
  readonly namespace: string | undefined;
  /** Something is known anew of what is followed. */
  readonly changed: () => void;
}

/** How long somebody waits. */
export interface Patience {
  /** Undefined: as long as it takes. */
  readonly timeoutMs: number | undefined;
  readonly givenUp?: AbortSignal | undefined;
}

/** Of a namespace: more services than that are watched all at once, over one connection. */
const fewServices = 20;

/** How often it is looked at what keeps watches from hearing, while somebody waits for them. */
const lookMs = 200;

/**
 * The endpoints of Services, as the cluster says.
 *
 * Exactly what the services that are followed need is watched: the slices of each Service, the
 * Service itself where its port is a number, pods where a label tells them apart. What several of
 * them need is watched once. Whatever becomes of the API server, what was known last stays.
 */
export class Services {
  readonly #ports: ServicePorts;
  /** By what a service says: equal ones are one. */
  #parts = new Map<string, ServiceParts>();
  /** The same by rule, so that thousands of versions are found without their text. */
  readonly #byRule = new WeakMap<ServiceRule, ServiceParts>();
  #watched = new Map<string, Followed>();
  readonly #waiting = new Set<() => void>();
  #isClosed = false;

  constructor(ports: ServicePorts) {
    this.#ports = ports;
  }

  /** Returns why services cannot be followed at all, a sentence each. */
  impossible(rules: readonly ServiceRule[]): readonly string[] {
    if (this.#ports.namespace !== undefined) return [];
    const nowhere = rules.filter(({ namespace }) => namespace === undefined);
    return unique(nowhere).map(
      (rule) =>
        `service ${serviceText(rule)} names no namespace, and this process is in none: write namespace beside its name`,
    );
  }

  /** Follows these from now on, and no others. */
  follow(rules: readonly ServiceRule[]): void {
    const before = { parts: this.#parts, watched: this.#watched };
    this.#parts = new Map();
    this.#watched = new Map();
    const crowded = this.#crowded(rules);
    for (const rule of rules) {
      const text = this.#byRule.get(rule)?.text ?? serviceText(rule);
      let parts = this.#parts.get(text) ?? before.parts.get(text);
      parts ??= new ServiceParts(rule, text, this.#namespaceOf(rule));
      if (!this.#parts.has(text)) {
        this.#parts.set(text, parts);
        this.#watch(parts, crowded.has(parts.namespace), before.watched);
      }
      this.#byRule.set(rule, parts);
    }
    for (const [key, followed] of before.watched) {
      if (!this.#watched.has(key)) followed.close();
    }
  }

  /** Returns the namespaces of which many services are followed. */
  #crowded(rules: readonly ServiceRule[]): ReadonlySet<string> {
    const names = new Map<string, Set<string>>();
    for (const rule of rules) {
      const namespace = this.#namespaceOf(rule);
      names.set(namespace, (names.get(namespace) ?? new Set()).add(rule.name));
    }
    const many = [...names].filter(([, own]) => own.size > fewServices);
    return new Set(many.map(([namespace]) => namespace));
  }

  #namespaceOf({ namespace }: ServiceRule): string {
    return namespace ?? this.#ports.namespace ?? '';
  }

  #watch(parts: ServiceParts, isCrowded: boolean, before: ReadonlyMap<string, Followed>): void {
    for (const [part, selection] of selectionsOf(parts, isCrowded)) {
      const key = JSON.stringify(selection);
      let followed = this.#watched.get(key) ?? before.get(key);
      followed ??= new Followed(this.#ports.watch, selection, this.#changed);
      this.#watched.set(key, followed);
      parts.followed[part] = followed;
    }
  }

  readonly #changed = (): void => {
    for (const look of [...this.#waiting]) look();
    this.#ports.changed();
  };

  /** Returns the endpoints of a service that is followed; the same object while they are the same. */
  readonly endpointsOf = (rule: ServiceRule): ServiceEndpoints | undefined =>
    this.#byRule.get(rule)?.endpoints();

  /**
   * Waits until the endpoints of services that are followed are known. Returns what is still not
   * known after that time, or when it is given up, a sentence each.
   */
  async known(
    rules: readonly ServiceRule[],
    { timeoutMs, givenUp }: Patience,
  ): Promise<readonly string[]> {
    const isOver = () =>
      this.#isClosed || givenUp?.aborted === true || this.#unknown(rules).length === 0;
    if (!isOver()) {
      await new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timeout);
          clearInterval(looks);
          this.#waiting.delete(look);
          givenUp?.removeEventListener('abort', end);
          resolve();
        };
        const look = () => {
          if (isOver()) end();
        };
        const timeout = timeoutMs === undefined ? undefined : setTimeout(end, timeoutMs);
        // A watch tells nobody that it may not hear: a Service that may not be read is done without.
        const looks = setInterval(look, lookMs);
        this.#waiting.add(look);
        givenUp?.addEventListener('abort', end);
      });
    }
    return this.#unknown(rules).map((parts) => parts.whyUnknown());
  }

  #unknown(rules: readonly ServiceRule[]): readonly ServiceParts[] {
    const parts = new Set(rules.flatMap((rule) => this.#byRule.get(rule) ?? []));
    return [...parts].filter(({ isKnown }) => !isKnown);
  }

  /** Follows nothing any more, and nobody waits. What was known stays. */
  close(): void {
    this.#isClosed = true;
    for (const look of [...this.#waiting]) look();
    for (const followed of this.#watched.values()) followed.close();
    this.#watched.clear();
  }
}

interface KnownParts extends KnownService {
  readonly slices: readonly EndpointSlice[];
}

type Part = 'slices' | 'service' | 'pods';

const none: ReadonlyMap<string, KubernetesObject> = new Map();

/** What the endpoints of one service are made of. */
class ServiceParts {
  readonly rule: ServiceRule;
  readonly text: string;
  readonly namespace: string;
  readonly followed: { [Name in Part]?: Followed } = {};
  #last: ServiceEndpoints | undefined;
  /** What those are made of. */
  #lastKnown: KnownParts | undefined;

  constructor(rule: ServiceRule, text: string, namespace: string) {
    this.rule = rule;
    this.text = text;
    this.namespace = namespace;
  }

  /** All that is needed was read; a Service may be missing where its slices have but one port. */
  get isKnown(): boolean {
    const { slices, service, pods } = this.followed;
    if (slices?.isKnown !== true || pods?.isKnown === false) return false;
    if (service === undefined || service.isKnown) return true;
    return service.trouble !== undefined && !this.#isAmbiguous();
  }

  #isAmbiguous(): boolean {
    return this.#slices().some(({ ports }) => (ports ?? []).length > 1);
  }

  /** Returns what keeps it from being known. */
  whyUnknown(): string {
    const { slices, pods, service } = this.followed;
    const parts = [slices, pods, service].filter((part) => part?.isKnown === false);
    const troubles = parts.flatMap((part) => part?.trouble ?? []);
    const why = troubles.length === 0 ? 'nothing was heard of them yet' : troubles.join('; ');
    return `the endpoints of service ${this.text} are not known: ${why}`;
  }

  /** Undefined: nothing is known yet. */
  endpoints(): ServiceEndpoints | undefined {
    if (!this.isKnown) return this.#last;
    const { service, pods } = this.followed;
    const services = service?.objects as ReadonlyMap<string, Service> | undefined;
    const known = {
      slices: this.#slices(),
      service: services?.get(`${this.namespace}/${this.rule.name}`),
      pods: pods?.objects ?? none,
    };
    if (this.#lastKnown !== undefined && isSame(known, this.#lastKnown)) return this.#last;
    this.#lastKnown = known;
    this.#last = sameOr(this.#last, serviceEndpoints(this.rule, known));
    return this.#last;
  }

  #slices(): readonly EndpointSlice[] {
    const { slices } = this.followed;
    return (slices && byService(slices.objects).get(this.rule.name)) ?? [];
  }
}

const serviceName = 'kubernetes.io/service-name';
const groups = new WeakMap<object, ReadonlyMap<string, readonly EndpointSlice[]>>();

/** Returns slices by the name of their Service, found out once for all that ask. */
function byService(
  objects: ReadonlyMap<string, KubernetesObject>,
): ReadonlyMap<string, readonly EndpointSlice[]> {
  const known = groups.get(objects);
  if (known !== undefined) return known;
  // What was asked for are slices: the API answers nothing else.
  const slices = [...objects.values()] as EndpointSlice[];
  const grouped = Map.groupBy(slices, ({ metadata }) => metadata.labels?.[serviceName] ?? '');
  groups.set(objects, grouped);
  return grouped;
}

/** Returns what has to be watched for a service: of a crowded namespace all that there is. */
function selectionsOf(
  { rule, namespace }: ServiceParts,
  isCrowded: boolean,
): readonly (readonly [Part, Selection])[] {
  const { name, port, podLabel } = rule;
  const labelSelector = isCrowded ? serviceName : `${serviceName}=${name}`;
  const selections: [Part, Selection][] = [
    ['slices', { resource: resources.endpointSlices, namespace, labelSelector }],
  ];
  if (typeof port === 'number') {
    const one = { resource: resources.services, namespace };
    selections.push(['service', isCrowded ? one : { ...one, name }]);
  }
  if (podLabel !== undefined) {
    // Those that carry the label, whatever its value.
    const pods = { namespace, labelSelector: podLabel.key, metadataOnly: true };
    selections.push(['pods', { resource: resources.pods, ...pods }]);
  }
  return selections;
}

/** Whether nothing of it is another object: of thousands of services one changes. */
function isSame(one: KnownParts, other: KnownParts): boolean {
  return (
    one.service === other.service &&
    one.pods === other.pods &&
    one.slices.length === other.slices.length &&
    one.slices.every((slice, at) => slice === other.slices[at])
  );
}

/** Whoever compares sees at once that nothing has changed. */
function sameOr(before: ServiceEndpoints | undefined, now: ServiceEndpoints): ServiceEndpoints {
  if (before === undefined) return now;
  const isSame =
    before.isTerminating === now.isTerminating &&
    before.trouble === now.trouble &&
    before.urls.length === now.urls.length &&
    before.urls.every((url, at) => url === now.urls[at]);
  return isSame ? before : now;
}

function unique(rules: readonly ServiceRule[]): readonly ServiceRule[] {
  return [...new Map(rules.map((rule) => [serviceText(rule), rule])).values()];
}
