import { styleText } from 'node:util';

/** Where a command talks: data on stdout, all else on stderr. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Returns the text in bold where stdout is a terminal that wants colours. */
  readonly strong: (text: string) => string;
  readonly readStdin: () => Promise<string>;
}

interface Streams {
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
  readonly stdin: NodeJS.ReadStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Returns the terminal of a process. `NO_COLOR`, if set to anything, means none. */
export function terminalOf({ stdout, stderr, stdin, env }: Streams): Terminal {
  const noColor = env.NO_COLOR !== undefined && env.NO_COLOR !== '';
  const coloured = stdout.isTTY === true && !noColor && env.TERM !== 'dumb';
  return {
    out: (text) => void stdout.write(text),
    err: (text) => void stderr.write(text),
    strong: (text) => (coloured ? styleText('bold', text, { validateStream: false }) : text),
    readStdin: async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks).toString('utf8');
    },
  };
}
