import { read } from '#core/document/read';
import { attachedTo, type ServedHttpRoute } from '#core/httproute/attached';
import { canonicalText } from '#core/httproute/canonical-text';
import { resources, type Watch } from '#core/kubernetes/api';
import type { KubernetesObject } from '#core/kubernetes/objects';
import { FirstContent } from './first-content.ts';
import type { ConfigMapPorts } from './watch-config-map.ts';
import type { FileWatch, Take } from './watch-file.ts';

/** Which HTTPRoutes are taken. */
export interface HttpRoutesPlace {
  readonly namespace: string;
  /** Only those that name this Gateway of the namespace as a parent; undefined: all. */
  readonly gateway: string | undefined;
}

export type HttpRoutesPorts = Omit<ConfigMapPorts, 'warn'>;
type HttpRouteObject = KubernetesObject & ServedHttpRoute;

/**
 * Follows the HTTPRoutes of a namespace, and gives away all of them as one document whenever it
 * is another than before. What changes while one is taken is given away together afterwards.
 *
 * The first `look` waits until they could be listed, which none at all is enough for; what keeps
 * it from that is given away after 30 seconds. The first time, those that cannot be read are left
 * out of a document that comes before the whole one: one bad object of many must not keep a
 * process from serving the others after a restart.
 */
export function watchHttpRoutes(
  place: HttpRoutesPlace,
  ports: HttpRoutesPorts,
  take: Take,
): FileWatch {
  return new HttpRoutesWatch(place, ports, take);
}

class HttpRoutesWatch implements FileWatch {
  readonly #place: HttpRoutesPlace;
  readonly #ports: HttpRoutesPorts;
  readonly #take: Take;
  readonly #watch: Watch;
  readonly #first = new FirstContent();
  /** Undefined before they could be listed. */
  #objects: readonly HttpRouteObject[] | undefined;
  #noticedAt = 0;
  #given: string | undefined;
  #giving: Promise<void> = Promise.resolve();

  constructor(place: HttpRoutesPlace, ports: HttpRoutesPorts, take: Take) {
    this.#place = place;
    this.#ports = ports;
    this.#take = take;
    const selection = { resource: resources.httpRoutes, namespace: place.namespace };
    this.#watch = ports.watch<HttpRouteObject>(selection, (objects) => this.#changed(objects));
  }

  async look(): Promise<void> {
    if (this.#first.isOver) await this.#watch.refresh();
    else await this.#first.wait(this.#ports.after, () => undefined);
    await this.#give();
  }

  close(): void {
    this.#watch.close();
  }

  #changed(objects: ReadonlyMap<string, HttpRouteObject>): void {
    const { gateway } = this.#place;
    const all = [...objects.values()];
    this.#objects = gateway === undefined ? all : all.filter((one) => attachedTo(one, gateway));
    this.#noticedAt = this.#ports.now();
    this.#first.come();
    if (this.#first.isOver) this.#give();
  }

  /** Settled when what is there has been taken. */
  #give(): Promise<void> {
    this.#giving = this.#giving
      .then(() => this.#giveNow())
      .catch((error: unknown) => this.#ports.failed(error));
    return this.#giving;
  }

  async #giveNow(): Promise<void> {
    const objects = this.#objects;
    if (objects === undefined) {
      await this.#take({ kind: 'trouble', message: this.#trouble() });
      return;
    }
    const text = canonicalText(objects);
    if (text === this.#given) return;
    if (this.#given === undefined) await this.#giveReadable(objects, text);
    this.#given = text;
    await this.#takeText(text);
  }

  async #giveReadable(objects: readonly HttpRouteObject[], whole: string): Promise<void> {
    if (read(whole).kind === 'document') return;
    const readable = objects.filter((one) => read(canonicalText([one])).kind === 'document');
    await this.#takeText(canonicalText(readable));
  }

  async #takeText(text: string): Promise<void> {
    await this.#take({ kind: 'bytes', bytes: Buffer.from(text), noticedAt: this.#noticedAt });
  }

  #trouble(): string {
    const unread = `httproutes in ${this.#place.namespace}: not read yet`;
    return this.#watch.status().trouble ?? unread;
  }
}
