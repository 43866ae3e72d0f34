import type { ReadingBy } from '../../src/proxy/borrowed-reads.ts';
import { faultOnSockets } from '../support/on-sockets.ts';
import { faultOfResponse } from '../support/response-on-sockets.ts';
import { type ScriptedOrigin, scriptedOrigin } from '../support/scripted-origin.ts';
import { rulesTo, type StartedProxy, startProxy } from '../support/start-proxy.ts';
import { type StrictOrigin, strictOrigin } from '../support/strict-origin.ts';
import { type Checked, checkRequests } from './check-requests.ts';
import { type CheckedResponse, checkResponse } from './check-responses.ts';
import type { Reader, Verdict } from './readers.ts';

/** Bytes to be checked: a client's stream, or what a version answers to a request. */
export interface Sample {
  readonly text: string;
  /** Offsets at which it is cut. */
  readonly cuts: readonly number[];
  /** Of the request that a version answers. */
  readonly method: 'GET' | 'HEAD';
}

/** What is refused is read on until its client has sent it all, however slow this machine is. */
const limits = { lingerMs: 60_000 };

/** A proxy that clients of several lanes use at once, so that what they share is shared. */
export class Crossing {
  readonly #origin: StrictOrigin;
  readonly #proxy: StartedProxy;
  #clients = 0;

  private constructor(origin: StrictOrigin, proxy: StartedProxy) {
    this.#origin = origin;
    this.#proxy = proxy;
  }

  static async open(reading: ReadingBy): Promise<Crossing> {
    const origin = await strictOrigin();
    return new Crossing(origin, await startProxy(rulesTo(origin.url), { reading, limits }));
  }

  async fault({ text, cuts }: Sample): Promise<string | undefined> {
    const number = ++this.#clients;
    const from = `127.${1 + ((number >>> 16) & 127)}.${(number >>> 8) & 255}.${number & 255}`;
    const origin = this.#origin;
    const fault = await orThrown(
      faultOnSockets({ proxy: this.#proxy, origin }, { text, cuts, from }),
    );
    // They have been compared: a long campaign keeps none.
    const others = origin.requests.filter(({ client }) => client !== from);
    origin.requests.splice(0, origin.requests.length, ...others);
    return fault ?? bugsOf(this.#proxy);
  }

  async close(): Promise<void> {
    this.#proxy.close();
    await this.#origin.close();
  }
}

/** Checks one sample at a time. What versions answer goes through a proxy that nobody else uses. */
export class Lane {
  readonly #crossing: Crossing;
  readonly #version: ScriptedOrigin;
  readonly #proxy: StartedProxy;
  #answers = 0;

  private constructor(crossing: Crossing, version: ScriptedOrigin, proxy: StartedProxy) {
    this.#crossing = crossing;
    this.#version = version;
    this.#proxy = proxy;
  }

  static async open(reading: ReadingBy, crossing: Crossing): Promise<Lane> {
    const version = await scriptedOrigin();
    return new Lane(crossing, version, await startProxy(rulesTo(version.url), { reading, limits }));
  }

  async close(): Promise<void> {
    this.#proxy.close();
    await this.#version.close();
  }

  requests({ text, cuts }: Sample): Promise<Checked> {
    return checkRequests(text, cuts);
  }

  response({ text, method }: Sample): Promise<CheckedResponse> {
    return checkResponse(text, method);
  }

  read(reader: Reader, { understood }: Checked): Promise<Verdict> {
    return reader.read(understood.bytes, understood.requests);
  }

  requestsOnSockets(sample: Sample): Promise<string | undefined> {
    return this.#crossing.fault(sample);
  }

  async responseOnSockets({ text, cuts, method }: Sample): Promise<string | undefined> {
    const setting = { proxy: this.#proxy, origin: this.#version };
    const id = `${++this.#answers}`;
    const fault = await orThrown(faultOfResponse(setting, { text, method, cuts, id }));
    return fault ?? bugsOf(this.#proxy);
  }
}

/** What never comes is a fault as well. */
function orThrown(fault: Promise<string | undefined>): Promise<string | undefined> {
  return fault.catch((error: unknown) => String(error));
}

function bugsOf({ bugs }: StartedProxy): string | undefined {
  const [bug] = bugs.splice(0);
  return bug === undefined ? undefined : `a bug: ${bug instanceof Error ? bug.stack : String(bug)}`;
}
