import type { Ports, Running } from '../../src/cli/ports.ts';
import { runProgram } from '../../src/cli/program.ts';

export interface Ran {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line without a process: what it prints and its exit code. */
export async function turnout(
  words: readonly string[],
  more: Partial<Ports> = {},
  stdin = '',
): Promise<Ran> {
  const ran = { out: '', err: '' };
  const ports: Ports = {
    terminal: {
      out: (text) => {
        ran.out += text;
      },
      err: (text) => {
        ran.err += text;
      },
      strong: (text) => text,
      readStdin: async () => stdin,
    },
    env: {},
    version: '1.2.3',
    serve: () => Promise.reject(new Error('nothing serves here')),
    servePage: () => Promise.reject(new Error('nothing serves here')),
    stopped: () => Promise.withResolvers<void>().promise,
    call: () => Promise.reject(new Error('nobody answers here')),
    now: () => 0,
    sleep: async () => {},
    self: [],
    ownRulesFile: 'routes.yaml',
    demoDirectory: 'config/demo',
    ...more,
  };
  const exitCode = await runProgram(words, ports);
  return { exitCode, ...ran };
}

/** A Turnout that does nothing, and says how its drain went. */
export function running(aborted: number): Running {
  return {
    traffic: [{ scheme: 'http', host: '127.0.0.1', port: 8080 }],
    admin: { host: '::1', port: 9090 },
    rollouts: {
      statuses: async () => [],
      command: async () => ({ kind: 'not_found', message: 'there is no route' }),
    },
    drain: async () => ({ aborted }),
    broken: Promise.withResolvers<string>().promise,
  };
}

export const shopRules = `apiVersion: turnout/v1
routes:
  - name: admin
    match: { path: /admin }
    versions:
      v1: { url: "http://127.0.0.1:9001" }
  - name: shop
    match: { host: shop.example.com }
    versions:
      v1: { url: "http://shop-v1:8080", weight: 90 }
      v2: { url: "http://shop-v2:8080", weight: 10 }
      v3: { url: "http://shop-v3:8080", state: disabled }
    unit: ["header:x-user-id", issue]
    override: { query: turnout-version, header: x-version, trusted: [10.0.0.0/8] }
    audiences:
      - { name: testers, when: { cookie: { insider: "yes" } }, version: v2 }
`;
