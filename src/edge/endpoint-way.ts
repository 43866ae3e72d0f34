import type { Document } from '#core/document/document';
import type { ServiceEndpoints } from '#core/endpoints/service-endpoints';
import type { KubernetesApi } from '#core/kubernetes/api';
import type { ServiceRule } from '#core/routing/rules';
import { serviceText } from '#core/routing/service-text';
import { neededServices, servicesIn } from '#core/snapshot/with-endpoints';
import { Services } from '../endpoints/services.ts';

/** What services are followed by. */
export type ServiceApi = Pick<KubernetesApi, 'watch' | 'namespace'>;

export interface EndpointWayPorts {
  /** Asked when the first service is named. Returns why there is none, as a sentence. */
  readonly cluster: () => Promise<ServiceApi | string>;
  /** Endpoints of what is followed have changed. */
  readonly changed: () => void;
  /** What a document was refused for is known now. */
  readonly known: () => void;
  /** The first document waits for this, a sentence each. */
  readonly awaited: (unknown: readonly string[]) => void;
}

export interface EndpointWayTimes {
  /** How long a document waits for the endpoints of its services before it is refused. */
  readonly documentMs: number;
  /** A rollout goes on without them: what it leads back from may be worse. */
  readonly rolloutMs: number;
}

const usualTimes: EndpointWayTimes = { documentMs: 10_000, rolloutMs: 2_000 };

const nothing: readonly ServiceRule[] = [];

/** How the endpoints of services come into snapshots: which are followed, and who waits for them. */
export class EndpointWay {
  readonly #ports: EndpointWayPorts;
  readonly #times: EndpointWayTimes;
  #services: Services | undefined;
  #inForce = nothing;
  /** Of the document that is about to be in force, or was refused for want of them. */
  #coming = nothing;
  #isClosed = false;
  #stalled = Promise.withResolvers<void>();
  /** Ends the wait for what a document was refused for. */
  #refused = new AbortController();

  constructor(ports: EndpointWayPorts, times = usualTimes) {
    this.#ports = ports;
    this.#times = times;
  }

  readonly endpointsOf = (service: ServiceRule): ServiceEndpoints | undefined =>
    this.#services?.endpointsOf(service);

  /**
   * Waits until the endpoints of a document's services are known, so that none of its versions is
   * in force before. The first one waits as long as it takes. Returns why it is refused, a
   * sentence each; then `known` is called when that is over.
   */
  async prepare(
    document: Document,
    { isFirst, newer }: { readonly isFirst: boolean; readonly newer: AbortSignal },
  ): Promise<readonly string[]> {
    this.#refused.abort();
    this.#coming = servicesIn(document);
    const [one] = this.#coming;
    if (one === undefined) {
      this.#follow();
      return [];
    }
    const services = await this.#found();
    if (typeof services === 'string')
      return [`service ${serviceText(one)} cannot be followed: ${services}`];
    const impossible = services.impossible(this.#coming);
    if (impossible.length > 0) return impossible;
    this.#follow();
    const needed = neededServices(document);
    let unknown = await services.known(needed, { timeoutMs: 0 });
    if (unknown.length > 0) {
      this.#stalled.resolve();
      this.#stalled = Promise.withResolvers();
      unknown = await services.known(needed, { timeoutMs: this.#times.documentMs, givenUp: newer });
    }
    while (isFirst && unknown.length > 0 && !newer.aborted && !this.#isClosed) {
      this.#ports.awaited(unknown);
      unknown = await services.known(needed, { timeoutMs: this.#times.documentMs, givenUp: newer });
    }
    if (unknown.length > 0) this.#tellWhenKnown(services, needed);
    return unknown;
  }

  /** Resolves when the next document begins to wait: meanwhile a newer one may come. */
  stalled(): Promise<void> {
    return this.#stalled.promise;
  }

  #tellWhenKnown(services: Services, needed: readonly ServiceRule[]): void {
    this.#refused = new AbortController();
    const { signal } = this.#refused;
    const known = services.known(needed, { timeoutMs: undefined, givenUp: signal });
    void known.then(() => {
      if (!signal.aborted) this.#ports.known();
    });
  }

  /** No document is coming any more: what was refused has been taken back. */
  settled(): void {
    this.#refused.abort();
    this.#coming = nothing;
    this.#follow();
  }

  /** Waits a little for services that a rollout has brought in: an undo may name older ones. */
  async ready(document: Document): Promise<void> {
    const needed = neededServices(document);
    const services = needed.length === 0 ? undefined : await this.#found();
    this.inForce(document);
    if (services === undefined || typeof services === 'string') return;
    await services.known(needed, { timeoutMs: this.#times.rolloutMs });
  }

  /** A document is in force: its services are followed, and those of one that is coming. */
  inForce(document: Document): void {
    const services = servicesIn(document);
    const isSame =
      services.length === this.#inForce.length &&
      services.every((service, at) => service === this.#inForce[at]);
    // Each step of a rollout comes here: with thousands of versions it is worth a look.
    if (isSame) return;
    this.#inForce = services;
    this.#follow();
  }

  #follow(): void {
    this.#services?.follow([...this.#inForce, ...this.#coming]);
  }

  async #found(): Promise<Services | string> {
    if (this.#services !== undefined) return this.#services;
    const cluster = await this.#ports.cluster();
    if (typeof cluster === 'string') return cluster;
    const { watch, namespace } = cluster;
    // Somebody else may have been as fast.
    this.#services ??= new Services({ watch, namespace, changed: this.#ports.changed });
    return this.#services;
  }

  close(): void {
    this.#isClosed = true;
    this.#refused.abort();
    this.#services?.close();
  }
}
