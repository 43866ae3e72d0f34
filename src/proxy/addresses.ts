import { parseAddress } from '#core/address/parse-address';
import { denials, deniedAddress } from '#core/endpoints/denied-address';
import type { Endpoint } from '#core/routing/route';
import type { FleetPorts, NameKnown } from './fleet-ports.ts';

/** An address that an endpoint is, or stands for. */
export interface Address {
  readonly endpoint: Endpoint;
  readonly address: string;
}

type Ports = Pick<FleetPorts, 'followName' | 'isAdmin'>;

const noNames: ReadonlyMap<string, NameKnown | undefined> = new Map();

/** Where the endpoints of a version are: those that are addresses, and what names stand for. */
export class Addresses {
  readonly #endpoints: readonly Endpoint[];
  readonly #ports: Ports;
  /** What is known of each name; undefined before anything is. */
  readonly #names: ReadonlyMap<string, NameKnown | undefined>;
  readonly #stops: readonly (() => void)[];

  constructor(endpoints: readonly Endpoint[], ports: Ports, changed: () => void) {
    this.#endpoints = endpoints;
    this.#ports = ports;
    const hosts = endpoints.map(({ host }) => host).filter((host) => !parseAddress(host));
    if (hosts.length === 0) {
      this.#names = noNames;
      this.#stops = [];
      return;
    }
    const names = new Map<string, NameKnown | undefined>(hosts.map((host) => [host, undefined]));
    let isMade = false;
    this.#names = names;
    this.#stops = [...names.keys()].map((host) =>
      ports.followName(host, (known) => {
        names.set(host, known);
        if (isMade) changed();
      }),
    );
    isMade = true;
  }

  /** Returns those that may be connected to, each once. */
  list(): readonly Address[] {
    return this.#all().filter(({ endpoint, address }) => this.#denied(endpoint, address) === '');
  }

  /** A name has not been answered for yet, well or badly. */
  get isAwaited(): boolean {
    return [...this.#names.values()].includes(undefined);
  }

  /** Returns why there are fewer than the document says; '' if there is no reason. */
  trouble(): string {
    const unknown = [...this.#names].map(([host, known]) =>
      known?.trouble === undefined ? '' : `${host}: ${known.trouble}`,
    );
    const denied = this.#all().map(({ endpoint, address }) => this.#denied(endpoint, address));
    return [...unknown, ...denied].filter((text) => text !== '').join(', ');
  }

  close(): void {
    for (const stop of this.#stops) stop();
  }

  #all(): readonly Address[] {
    return this.#endpoints.flatMap((endpoint) => {
      const { host } = endpoint;
      const found = this.#names.has(host) ? (this.#names.get(host)?.addresses ?? []) : [host];
      return found.map((address) => ({ endpoint, address }));
    });
  }

  /** Returns why no connection may be made to an address; '' where one may. */
  #denied({ host, port }: Endpoint, address: string): string {
    const denial = this.#ports.isAdmin(address, port) ? 'admin' : deniedAddress(host, address);
    if (denial === undefined) return '';
    return `${host === address ? host : `${host} (${address})`} ${denials[denial]}`;
  }
}
