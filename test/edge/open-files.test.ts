import { test } from 'tap';
import { mostConnections, warnOfFewer } from '../../src/edge/open-files.ts';
import { logOf } from '../../src/telemetry/log.ts';

function limits(files: string): string {
  return `Limit                     Soft Limit           Hard Limit           Units
Max processes             95000                95000                processes
Max open files            ${files}                 1048576              files
`;
}

for (const { wished, files, most, because } of [
  { wished: 10_000, files: '1048576', most: 10_000, because: 'there are files enough' },
  { wished: 10_000, files: '1024', most: 384, because: 'each needs one to its version, too' },
  { wished: 10_000, files: '100', most: 1, because: 'one is the least' },
  { wished: 10_000, files: 'unlimited', most: 10_000, because: 'there is no limit' },
]) {
  test(`${wished} connections with ${files} files: ${most}, because ${because}`, async (t) => {
    t.equal(mostConnections(wished, limits(files)), most);
  });
}

test('fewer than wished are told, and only they', async (t) => {
  const lines: string[] = [];
  const log = logOf({ destination: { write: (line: string) => void lines.push(line) } });
  warnOfFewer(log, 10, 10);
  t.same(lines, []);
  warnOfFewer(log, 10, 9);
  t.match(lines, [/connections_limited.*it takes 9 connections of clients, not 10"/]);
});
