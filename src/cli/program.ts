import { Command, CommanderError } from 'commander';
import { addAbort } from './abort.ts';
import { addCheck } from './check.ts';
import { addDemo } from './demo.ts';
import { addDisable } from './disable.ts';
import { addEnable } from './enable.ts';
import { addExplain } from './explain.ts';
import { addHistory } from './history.ts';
import { addImport } from './import.ts';
import { addJudge } from './judge.ts';
import { addLink } from './link.ts';
import { addPause } from './pause.ts';
import type { Ports } from './ports.ts';
import { addPromote } from './promote.ts';
import { addResume } from './resume.ts';
import { addRun } from './run.ts';
import { addSchema } from './schema.ts';
import { addSimulate } from './simulate.ts';
import { addStatus } from './status.ts';
import { addSwitch } from './switch.ts';
import { addTestpage } from './testpage.ts';
import { exitCodes, Trouble } from './trouble.ts';
import { addUndo } from './undo.ts';
import { addVersion } from './version.ts';
import { addWeight } from './weight.ts';

/** Every command, in the order of the help. */
const commands = [
  addRun,
  addCheck,
  addImport,
  addExplain,
  addSimulate,
  addStatus,
  addHistory,
  addUndo,
  addPause,
  addResume,
  addPromote,
  addAbort,
  addSwitch,
  addDisable,
  addEnable,
  addWeight,
  addSchema,
  addLink,
  addJudge,
  addDemo,
  addTestpage,
  addVersion,
];

/** Ends a command's action with its exit code; see `runProgram`. */
export type Finish = (exitCode: number) => void;

/** Returns the program with all its commands, ready to parse. */
export function programOf(ports: Ports, finish: Finish): Command {
  const program = new Command('turnout')
    .description('Splits HTTP traffic between the versions of a service.')
    .version(`turnout ${ports.version}`, '-V, --version', 'print the version')
    .configureOutput({ writeOut: ports.terminal.out, writeErr: ports.terminal.err })
    .addHelpText(
      'before',
      `Examples:
  turnout demo                                     two versions of a service, and Turnout before them
  turnout check routes.yaml                        is the document right?
  turnout explain https://shop.example.com/cart    which version, and why?
  turnout run --rules routes.yaml                  serve
  turnout status shop                              how does its rollout stand?
`,
    )
    .showHelpAfterError('(add --help to see what there is)')
    .exitOverride();
  for (const add of commands) add(program, ports, finish);
  return program;
}

/**
 * Runs one command line and returns its exit code. Whatever a person can put right is
 * told on stderr in a sentence; a bug throws.
 */
export async function runProgram(words: readonly string[], ports: Ports): Promise<number> {
  let exitCode: number = exitCodes.done;
  const program = programOf(ports, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync([...words], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof Trouble) {
      ports.terminal.err(error.text);
      return error.exitCode;
    }
    // Commander has told it already; its own code for wrong use is 1.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.wrongUse;
    throw error;
  }
}
