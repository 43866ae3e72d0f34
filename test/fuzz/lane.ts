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

/** Checks one sample at a time, by proxies and origins of its own. */
export class Lane {
  readonly #origin: StrictOrigin;
  readonly #proxy: StartedProxy;
  readonly #version: ScriptedOrigin;
  readonly #proxyOfVersion: StartedProxy;
  #used = 0;

  private constructor(
    [origin, proxy]: readonly [StrictOrigin, StartedProxy],
    [version, proxyOfVersion]: readonly [ScriptedOrigin, StartedProxy],
  ) {
    this.#origin = origin;
    this.#proxy = proxy;
    this.#version = version;
    this.#proxyOfVersion = proxyOfVersion;
  }

  /** Opens a lane whose proxies read in this way. */
  static async open(reading: 'borrowed' | 'events'): Promise<Lane> {
    const origin = await strictOrigin();
    const version = await scriptedOrigin();
    return new Lane(
      [origin, await startProxy(rulesTo(origin.url), { reading, limits })],
      [version, await startProxy(rulesTo(version.url), { reading, limits })],
    );
  }

  async close(): Promise<void> {
    this.#proxy.close();
    this.#proxyOfVersion.close();
    await Promise.all([this.#origin.close(), this.#version.close()]);
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

  async requestsOnSockets({ text, cuts }: Sample): Promise<string | undefined> {
    const number = ++this.#used;
    const from = `127.${1 + ((number >>> 16) & 127)}.${(number >>> 8) & 255}.${number & 255}`;
    const setting = { proxy: this.#proxy, origin: this.#origin };
    const fault = await orThrown(faultOnSockets(setting, { text, cuts, from }));
    // They have been compared: a long campaign keeps none.
    this.#origin.requests.length = 0;
    return fault ?? bugsOf(this.#proxy);
  }

  async responseOnSockets({ text, cuts, method }: Sample): Promise<string | undefined> {
    const setting = { proxy: this.#proxyOfVersion, origin: this.#version };
    const id = `${++this.#used}`;
    const fault = await orThrown(faultOfResponse(setting, { text, method, cuts, id }));
    return fault ?? bugsOf(this.#proxyOfVersion);
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
