import type { Test } from 'tap';
import { resources } from '../../src/core/kubernetes/api.ts';
import type { EndpointSlice, SliceEndpoint } from '../../src/core/kubernetes/objects.ts';
import type { ApiServer } from './api-server.ts';
import { freePort } from './free-port.ts';
import { answering, type RawOrigin, rawOrigin, response } from './raw-origin.ts';

export type PodState = 'starting' | 'ready' | 'terminating';

/** A pod: an origin at an address of its own, which answers with its version. */
export interface Pod {
  readonly name: string;
  readonly uid: string | undefined;
  readonly address: string;
  readonly version: string;
  readonly origin: RawOrigin;
  /** What the endpoints controller says of it. */
  state: PodState;
}

/** Addresses of pods are 127.1.x.y: of this machine, and of nobody else in one test process. */
let addresses = 0;

/** The pods of one Service, and what a cluster says of them. */
export class Pods {
  readonly #server: ApiServer;
  readonly #service: string;
  readonly #namespace: string;
  readonly #port: number;
  readonly #pods = new Map<string, Pod>();

  /** A Service with port 80, named http; its pods listen elsewhere. */
  static async of(t: Test, server: ApiServer, service: string, namespace = 'shop'): Promise<Pods> {
    const pods = new Pods(server, service, namespace, await freePort());
    t.teardown(() => Promise.all([...pods.#pods.values()].map(({ origin }) => origin.close())));
    const metadata = { name: service, namespace };
    server.put(resources.services, {
      metadata,
      spec: { ports: [{ name: 'http', port: 80 }] },
    } as never);
    pods.publish();
    return pods;
  }

  constructor(server: ApiServer, service: string, namespace: string, port: number) {
    this.#server = server;
    this.#service = service;
    this.#namespace = namespace;
    this.#port = port;
  }

  get all(): readonly Pod[] {
    return [...this.#pods.values()];
  }

  async add(version: string, state: PodState = 'ready'): Promise<Pod> {
    addresses += 1;
    const address = `127.1.${addresses >> 8}.${addresses & 255}`;
    const name = `${this.#service}-${version}-${addresses}`;
    const at = { host: address, port: this.#port };
    const origin = await rawOrigin(answering(response(version)), undefined, at);
    const metadata = { name, namespace: this.#namespace, labels: { version } };
    const { uid } = this.#server.put(resources.pods, { metadata }).metadata;
    const pod: Pod = { name, uid, address, version, origin, state };
    this.#pods.set(name, pod);
    this.publish();
    return pod;
  }

  become(pod: Pod, state: PodState): void {
    pod.state = state;
    this.publish();
  }

  /** The process has ended: its connections are cut, and the cluster forgets it. */
  async remove(pod: Pod): Promise<void> {
    await pod.origin.close();
    this.#pods.delete(pod.name);
    this.publish();
    this.#server.remove(resources.pods, this.#namespace, pod.name);
  }

  /** Terminates as a pod with a preStop does: it is there until nobody is connected any more. */
  async terminate(pod: Pod): Promise<void> {
    this.become(pod, 'terminating');
    await pod.origin.until((connections) => connections.every(({ isEnded }) => isEnded));
    await this.remove(pod);
  }

  /** Says how all of them stand. */
  publish(): void {
    const slice: EndpointSlice = {
      metadata: {
        name: `${this.#service}-slice`,
        namespace: this.#namespace,
        labels: { 'kubernetes.io/service-name': this.#service },
      },
      addressType: 'IPv4',
      ports: [{ name: 'http', port: this.#port, protocol: 'TCP' }],
      endpoints: this.all.map((pod) => this.#endpointOf(pod)),
    };
    this.#server.put(resources.endpointSlices, slice);
  }

  #endpointOf({ address, name, uid, state }: Pod): SliceEndpoint {
    const isTerminating = state === 'terminating';
    return {
      addresses: [address],
      conditions: {
        ready: state === 'ready',
        serving: state !== 'starting',
        terminating: isTerminating,
      },
      targetRef: { kind: 'Pod', namespace: this.#namespace, name, uid: uid ?? null },
    };
  }
}
