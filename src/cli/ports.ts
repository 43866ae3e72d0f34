import type { Command, CommandOutcome } from '#core/rollout/command';
import type { RouteStatus } from '#core/rollout/status';
import type { Snapshot } from '#core/snapshot/snapshot';
import type { Address } from './address.ts';
import type { Answer, Call } from './call.ts';
import type { Environment, Settings } from './settings.ts';
import type { Terminal } from './terminal.ts';

/** How much time a drain has. */
export interface DrainTimes {
  /** How long connections are still taken. */
  readonly delayMs: number;
  /** When what is left is cut, from the beginning. */
  readonly timeoutMs: number;
}

/** Where traffic comes in. */
export interface TrafficAddress extends Address {
  readonly scheme: 'http' | 'https';
}

/** A Turnout that serves. */
export interface Running {
  /** One port, or one without TLS and one with it. */
  readonly traffic: readonly TrafficAddress[];
  readonly admin: Address | undefined;
  /** How routes stand, and who obeys commands. */
  readonly rollouts: {
    readonly statuses: (route?: string) => Promise<readonly RouteStatus[]>;
    readonly command: (command: Command) => Promise<CommandOutcome>;
  };
  /** Finishes what is begun, takes nothing new, and tells how many exchanges it had to cut. */
  readonly drain: (times: DrainTimes) => Promise<{ readonly aborted: number }>;
  /** Resolves with the reason where it cannot go on: then it should be drained, and the process end. */
  readonly broken: Promise<string>;
}

/** What the one who starts a Turnout wants to hear of its document. */
export interface Listeners {
  readonly onSwap?: (before: Snapshot, after: Snapshot) => void;
  readonly onRefused?: (problems: string) => void;
}

export type Serve = (settings: Settings, listeners: Listeners) => Promise<Running>;

/** A testpage that serves. */
export interface ServingPage extends Address {
  readonly drain: () => Promise<void>;
}

/** Serves a testpage as the variables say, or tells what is wrong with them. */
export type ServePage = (
  env: Environment,
) => Promise<ServingPage | { readonly problems: readonly string[] }>;

/** What commands need from outside: other folders of src, and the process they run in. */
export interface Ports {
  readonly terminal: Terminal;
  readonly env: Environment;
  /** As `turnout --version` tells it. */
  readonly version: string;
  readonly serve: Serve;
  readonly servePage: ServePage;
  /** Resolves at the first SIGTERM or SIGINT; from its call on these do not end the process. */
  readonly stopped: () => Promise<void>;
  /** Asks an admin listener. */
  readonly call: (call: Call) => Promise<Answer>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** The words that start this program in a process of its own. */
  readonly self: readonly string[];
  /** The document that comes with this program. */
  readonly ownRulesFile: string;
  /** The directory of the documents of the demos. */
  readonly demoDirectory: string;
}
