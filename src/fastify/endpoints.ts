import type { Endpoint } from '#core/routing/route';

/** How long other endpoints are preferred to one that could not be reached. */
const downMs = 1_000;

interface Load {
  inFlight: number;
  downUntil: number;
}

export interface EndpointPorts {
  readonly random: () => number;
  /** The monotonic clock, in milliseconds. */
  readonly now: () => number;
}

/** What is known of endpoints across snapshots: how busy they are, and who was not to be reached. */
export class Endpoints {
  readonly #loads = new Map<string, Load>();
  readonly #ports: EndpointPorts;

  constructor(ports: EndpointPorts) {
    this.#ports = ports;
  }

  /**
   * Returns the less busy of two random ones that are not down, or of any if all are;
   * undefined where all have been tried.
   */
  choose(endpoints: readonly Endpoint[], tried: ReadonlySet<string>): Endpoint | undefined {
    const { random, now } = this.#ports;
    const left = endpoints.filter(({ key }) => !tried.has(key));
    const at = now();
    const up = left.filter(({ key }) => (this.#loads.get(key)?.downUntil ?? 0) <= at);
    const among = up.length > 0 ? up : left;
    const one = among[Math.floor(random() * among.length)];
    const other = among[Math.floor(random() * among.length)];
    if (one === undefined || other === undefined) return undefined;
    return this.#inFlight(other) < this.#inFlight(one) ? other : one;
  }

  entered({ key }: Endpoint): void {
    this.#load(key).inFlight++;
  }

  left({ key }: Endpoint): void {
    this.#load(key).inFlight--;
  }

  unreachable({ key }: Endpoint): void {
    this.#load(key).downUntil = this.#ports.now() + downMs;
  }

  /** Forgets endpoints that are in no document any more, unless something is under way there. */
  retain(keys: ReadonlySet<string>): void {
    for (const [key, { inFlight }] of this.#loads) {
      if (inFlight === 0 && !keys.has(key)) this.#loads.delete(key);
    }
  }

  #inFlight({ key }: Endpoint): number {
    return this.#loads.get(key)?.inFlight ?? 0;
  }

  #load(key: string): Load {
    let load = this.#loads.get(key);
    if (load === undefined) {
      load = { inFlight: 0, downUntil: 0 };
      this.#loads.set(key, load);
    }
    return load;
  }
}
