import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** A fenced part of a page. */
export interface Block {
  /** The word behind the fence: `sh`, `yaml`; '' for none. */
  readonly language: string;
  readonly text: string;
  /** Where its first line is, counted from 1. */
  readonly line: number;
}

export interface Page {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** What is left without the blocks. */
  readonly prose: string;
}

export const root = resolve(import.meta.dirname, '../..');
const others = ['node_modules', 'dist', '.tap', '.git'];

/** Returns every page people may read, by path. */
export function pages(): readonly Page[] {
  const paths = globSync('**/*.md', { cwd: root, exclude: (name) => others.includes(name) });
  return paths.toSorted().map(pageAt);
}

export function pageAt(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8');
  return { path, text, ...partsOf(text) };
}

function partsOf(text: string): { readonly blocks: readonly Block[]; readonly prose: string } {
  const blocks: Block[] = [];
  const prose = text.replace(
    /^( *)```([\w-]*)[^\n]*\n([\s\S]*?)^ *```$/gm,
    (_, indent: string, language: string, inside: string, start: number) => {
      const line = text.slice(0, start).split('\n').length + 1;
      blocks.push({ language, line, text: inside.replaceAll(new RegExp(`^${indent}`, 'gm'), '') });
      return '';
    },
  );
  return { blocks, prose };
}

/** A command with what it prints, out of a `console` block. */
export interface Shown {
  readonly command: string;
  readonly output: string;
}

/** Returns the commands of a `console` block: lines that begin with `$`, and what follows them. */
export function shownIn({ text }: Block): readonly Shown[] {
  return text
    .split(/^\$ /m)
    .filter((part) => part !== '')
    .map((part) => {
      const end = part.indexOf('\n');
      return { command: part.slice(0, end), output: part.slice(end + 1) };
    });
}
