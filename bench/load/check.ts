import http from 'node:http';
import { uploadBytes } from './origin.ts';

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly via: string | undefined;
}

function ask(options: http.RequestOptions, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = http.request(options, (response) => {
      let text = '';
      response.setEncoding('latin1');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response;
        resolve({ status, body: text, via: headers.via });
      });
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** A proxy, and a request that it takes. */
export interface Target {
  readonly port: number;
  readonly host: string;
  readonly path: string;
  /** Of the body of the answer. */
  readonly size: number;
}

/** Enough that 3 to 20 % of them go to the smaller version: one time in 10,000 they do not. */
const asked = 400;

/**
 * Throws where a proxy does not do what it is measured for: a body of the size, 90/10, what is
 * said of the client and of the way, a kept connection to the upstream, an upload that arrives
 * whole.
 */
export async function check(name: string, target: Target): Promise<void> {
  const fault = await faultOf(target);
  if (fault !== undefined) throw new Error(`${name} ${fault}`);
}

async function faultOf({ port, host, path, size }: Target): Promise<string | undefined> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const options = { host: '127.0.0.1', port, agent, path, headers: { host } };
  try {
    const usual = await ask(options);
    if (usual.status !== 200 || usual.body.length !== size) {
      return `answers ${usual.status} with ${usual.body.length} bytes, not 200 with ${size}`;
    }
    if (usual.via === undefined) return 'answers without Via';
    const headers = { host, 'content-length': uploadBytes };
    const upload = await ask({ ...options, method: 'POST', headers }, 'x'.repeat(uploadBytes));
    if (upload.status !== 200) return `answers ${upload.status} to an upload: ${upload.body}`;
    return await faultOfForwarded({ ...options, method: 'PUT' });
  } finally {
    agent.destroy();
  }
}

const forwarded = [
  /^x-forwarded-for: *127\.0\.0\.1\r?$/im,
  /^x-forwarded-proto: *http\r?$/im,
  /^x-forwarded-host: *\S+\r?$/im,
  /^x-forwarded-port: *\d+\r?$/im,
  /^via: *\S/im,
];

/** Looks at the heads that reach the origins. */
async function faultOfForwarded(options: http.RequestOptions): Promise<string | undefined> {
  let second = 0;
  for (let i = 0; i < asked; i++) {
    const { body } = await ask(options);
    if (!forwarded.every((line) => line.test(body))) return `forwards ${body}`;
    if (/^connection: *close/im.test(body)) return 'does not keep its connection to the upstream';
    if (body.startsWith('v2\n')) second++;
  }
  const share = second / asked;
  if (share < 0.03 || share > 0.2) return `sends ${second} of ${asked} requests to v2, not a tenth`;
  return undefined;
}
