import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { call } from '../../src/cli/call.ts';
import { turnout } from '../cli/fake-ports.ts';

/** Returns the words of a command line, quotes taken off. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
}

interface Asked {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly showsHead: boolean;
  /** The file whose certificates are believed. */
  readonly ca: string | undefined;
}

/** The header that a flag of curl and the word behind it give. */
const headerOf: Readonly<Record<string, (word: string) => readonly [string, string]>> = {
  '-b': (word) => ['cookie', word],
  '-A': (word) => ['user-agent', word],
  '-H': (word) => {
    const [, name = '', value = ''] = /^([^:]+): ?(.*)$/.exec(word) ?? [];
    return [name, value];
  },
};

/** Reads the flags of curl that the pages use; any other throws. */
function asked(words: readonly string[]): Asked {
  const headers: (readonly [string, string])[] = [];
  const rest = [...words];
  let url = '';
  let ca: string | undefined;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const header = headerOf[word];
    if (word === '--cacert') ca = rest.shift();
    else if (header !== undefined) headers.push(header(rest.shift() ?? ''));
    else if (!word.startsWith('-')) url = word;
    else if (word !== '-s' && word !== '-i') throw new Error(`curl ${word} is not known here`);
  }
  return { url, headers: Object.fromEntries(headers), showsHead: words.includes('-i'), ca };
}

/** Asks as curl would, and returns what it would print. */
function curl(words: readonly string[]): Promise<string> {
  const { url, headers, showsHead, ca } = asked(words);
  const { request } = url.startsWith('https:') ? https : http;
  const believing = ca === undefined ? {} : { ca: readFileSync(ca) };
  return new Promise((resolve, reject) => {
    request(url, { headers, agent: false, ...believing }, async (response) => {
      const head = response.rawHeaders.join('\n').replaceAll(/(.+)\n(.+)(?:\n|$)/g, '$1: $2\n');
      let body = '';
      for await (const chunk of response.setEncoding('utf8')) body += chunk;
      resolve(showsHead ? `HTTP/1.1 ${response.statusCode}\n${head}\n${body}` : body);
    })
      .on('error', reject)
      .end();
  });
}

/** Returns the lines in which an expression of `grep` is found. */
function grep(text: string, words: readonly string[]): string {
  const pattern = new RegExp(words.at(-1) ?? '');
  const found = text.split('\n').filter((line) => pattern.test(line));
  return found.map((line) => `${line}\n`).join('');
}

/**
 * Runs a command line of a page and returns what it prints.
 *
 * Not with a shell, so that it costs no process: curl, turnout, one loop over words and `| grep`
 * are understood here; what changes files is given to `sh`. `place` puts the ports of the
 * test in.
 */
export async function run(line: string, place: (text: string) => string): Promise<string> {
  const [, name, words = '', body = ''] = /^for (\w+) in ([\w ]+); do (.*); done$/.exec(line) ?? [];
  if (name !== undefined) {
    let all = '';
    for (const word of wordsOf(words)) all += await run(body.replaceAll(`$${name}`, word), place);
    return all;
  }
  const [, left, right = ''] = /^(.*?) \| grep (.*)$/.exec(line) ?? [];
  if (left !== undefined) return grep(await run(left, place), wordsOf(right));

  const [program = '', ...rest] = wordsOf(line);
  if (program === 'curl') return curl(rest.map(place));
  if (program === 'turnout') {
    const env = { TURNOUT_ADDRESS: place('http://127.0.0.1:9090'), USER: 'ada' };
    const { out, err } = await turnout(rest, { env, call, now: Date.now, sleep });
    return `${out}${err}`;
  }
  if (!/^(?:cp|sed|echo)$/.test(program)) throw new Error(`${program} is not known here`);
  return execFileSync('sh', ['-c', line], { encoding: 'utf8' });
}
