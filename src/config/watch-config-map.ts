import { resources, type Watch, type WatchObjects } from '#core/kubernetes/api';
import type { ConfigMap } from '#core/kubernetes/objects';
import { type ConfigMapPlace, configMapContent } from './config-map-content.ts';
import { type After, FirstContent } from './first-content.ts';
import type { Content } from './read-content.ts';
import type { FileWatch, Take } from './watch-file.ts';

export interface ConfigMapPorts {
  readonly watch: WatchObjects;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly after: After;
  /** Told what the first document is waited for. */
  readonly warn: (message: string) => void;
  /** Told what `take` throws. */
  readonly failed: (error: unknown) => void;
}

/**
 * Follows a key of a ConfigMap, and gives away its content whenever it is another than last time.
 *
 * The first `look` waits for a content; what keeps it from being there is given away only after
 * 30 seconds, because a ConfigMap, or the right to read it, may come a moment after the pod. Once
 * there was one, whatever becomes of it is given away at once. `take` is called for one content
 * at a time; of those that come meanwhile, for the last one.
 */
export function watchConfigMap(
  place: ConfigMapPlace,
  ports: ConfigMapPorts,
  take: Take,
): FileWatch {
  return new ConfigMapWatch(place, ports, take);
}

class ConfigMapWatch implements FileWatch {
  readonly #place: ConfigMapPlace;
  readonly #ports: ConfigMapPorts;
  readonly #take: Take;
  readonly #watch: Watch;
  readonly #first = new FirstContent();
  /** What is there, and what was given away. */
  #now: Content;
  #given: Content | undefined;
  #giving: Promise<void> = Promise.resolve();

  constructor(place: ConfigMapPlace, ports: ConfigMapPorts, take: Take) {
    this.#place = place;
    this.#ports = ports;
    this.#take = take;
    this.#now = {
      kind: 'trouble',
      message: `configmap ${place.namespace}/${place.name}: not read yet`,
    };
    const { namespace, name } = place;
    this.#watch = ports.watch<ConfigMap>(
      { resource: resources.configMaps, namespace, name },
      (objects) => this.#changed(objects.get(`${namespace}/${name}`)),
    );
  }

  async look(): Promise<void> {
    if (this.#first.isOver) await this.#watch.refresh();
    else await this.#first.wait(this.#ports.after, () => this.#isLate());
    await this.#give();
  }

  close(): void {
    this.#watch.close();
  }

  #isLate(): void {
    const { trouble } = this.#watch.status();
    if (trouble !== undefined) this.#now = { kind: 'trouble', message: trouble };
  }

  #changed(configMap: ConfigMap | undefined): void {
    const content = configMapContent(this.#place, configMap);
    this.#now = content.kind === 'bytes' ? { ...content, noticedAt: this.#ports.now() } : content;
    if (content.kind === 'bytes') this.#first.come();
    else if (!this.#first.isOver) this.#ports.warn(`${content.message}; waiting for it`);
    if (this.#first.isOver) this.#give();
  }

  /** Settled when what is there has been taken. */
  #give(): Promise<void> {
    this.#giving = this.#giving.then(() => this.#giveNow());
    return this.#giving;
  }

  async #giveNow(): Promise<void> {
    if (isSame(this.#now, this.#given)) return;
    this.#given = this.#now;
    try {
      await this.#take(this.#given);
    } catch (error) {
      this.#ports.failed(error);
    }
  }
}

function isSame(a: Content, b: Content | undefined): boolean {
  if (a.kind === 'bytes') return b?.kind === 'bytes' && a.bytes.equals(b.bytes);
  return b?.kind === 'trouble' && a.message === b.message;
}
