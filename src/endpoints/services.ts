import { type ServiceEndpoints, serviceEndpoints } from '#core/endpoints/service-endpoints';
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
    for (const rule of rules) {
      const text = this.#byRule.get(rule)?.text ?? serviceText(rule);
      let parts = this.#parts.get(text) ?? before.parts.get(text);
      parts ??= new ServiceParts(rule, text, selectionsOf(rule, this.#namespaceOf(rule)));
      if (!this.#parts.has(text)) {
        this.#parts.set(text, parts);
        this.#watch(parts, before.watched);
      }
      this.#byRule.set(rule, parts);
    }
    for (const [key, followed] of before.watched) {
      if (!this.#watched.has(key)) followed.close();
    }
  }

  #namespaceOf({ namespace }: ServiceRule): string {
    return namespace ?? this.#ports.namespace ?? '';
  }

  #watch(parts: ServiceParts, before: ReadonlyMap<string, Followed>): void {
    for (const [part, selection] of parts.selections) {
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

type Part = 'slices' | 'service' | 'pods';

const none: ReadonlyMap<string, KubernetesObject> = new Map();

/** What the endpoints of one service are made of. */
class ServiceParts {
  readonly text: string;
  readonly selections: readonly (readonly [Part, Selection])[];
  readonly followed: { [Name in Part]?: Followed } = {};
  readonly #rule: ServiceRule;
  #last: ServiceEndpoints | undefined;
  #lastNumbers = '';

  constructor(rule: ServiceRule, text: string, selections: ServiceParts['selections']) {
    this.#rule = rule;
    this.text = text;
    this.selections = selections;
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
    const { slices, service, pods } = this.followed;
    const numbers = `${slices?.number} ${service?.number} ${pods?.number}`;
    if (numbers === this.#lastNumbers) return this.#last;
    this.#lastNumbers = numbers;
    const [found] = (service?.objects as ReadonlyMap<string, Service> | undefined)?.values() ?? [];
    const known = { slices: this.#slices(), service: found, pods: pods?.objects ?? none };
    this.#last = sameOr(this.#last, serviceEndpoints(this.#rule, known));
    return this.#last;
  }

  /** What was asked for are slices: the API answers nothing else. */
  #slices(): readonly EndpointSlice[] {
    return [...(this.followed.slices?.objects.values() ?? [])] as EndpointSlice[];
  }
}

function selectionsOf(
  { name, port, podLabel }: ServiceRule,
  namespace: string,
): readonly (readonly [Part, Selection])[] {
  const selections: [Part, Selection][] = [
    [
      'slices',
      {
        resource: resources.endpointSlices,
        namespace,
        labelSelector: `kubernetes.io/service-name=${name}`,
      },
    ],
  ];
  if (typeof port === 'number')
    selections.push(['service', { resource: resources.services, namespace, name }]);
  if (podLabel !== undefined) {
    // Those that carry the label, whatever its value.
    const labelSelector = podLabel.key;
    const pods = { resource: resources.pods, namespace, labelSelector, metadataOnly: true };
    selections.push(['pods', pods]);
  }
  return selections;
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
