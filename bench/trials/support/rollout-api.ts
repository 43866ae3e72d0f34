/** What a trial reads of a route: as the API says it. */
export interface ToldRollout {
  readonly release: string;
  readonly phase: string;
  readonly step: number;
  readonly share: number;
  readonly reason: string;
}

export interface ToldRoute {
  readonly route: string;
  readonly rollout?: ToldRollout;
  readonly versions: readonly {
    readonly version: string;
    readonly requests: number;
    readonly failures: number;
    readonly leaving?: { readonly sentSince: number; readonly inFlight: number };
  }[];
}

/** The rollouts of a process, by its admin listener. */
export class RolloutApi {
  readonly #base: string;

  constructor(adminPort: number) {
    this.#base = `http://127.0.0.1:${adminPort}/api/v1`;
  }

  route(name: string): Promise<ToldRoute> {
    return this.#get<ToldRoute>(`/status/${name}`);
  }

  async routes(): Promise<readonly ToldRoute[]> {
    return (await this.#get<{ readonly routes: readonly ToldRoute[] }>('/status')).routes;
  }

  async rollout(name: string): Promise<ToldRollout> {
    const { rollout } = await this.route(name);
    if (rollout === undefined) throw new Error(`route ${name} has no rollout`);
    return rollout;
  }

  /** Returns the number of the latest revision: the first of them. */
  async revision(): Promise<number> {
    type History = { readonly revisions: readonly { readonly revision: number }[] };
    const { revisions } = await this.#get<History>('/history');
    return revisions[0]?.revision ?? 0;
  }

  /** Returns the status of the answer. */
  async act(route: string, verb: string, body: object = {}): Promise<number> {
    const response = await fetch(`${this.#base}/routes/${route}/actions/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await response.arrayBuffer();
    return response.status;
  }

  async #get<Told>(path: string): Promise<Told> {
    const response = await fetch(`${this.#base}${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Told;
  }
}
