import { type SampleRequest, targetOf } from './sample-request.ts';

/** Returns the curl command that sends a request to a Turnout at `url`. */
export function curlLine(request: SampleRequest, url: string): string {
  const { method, host, path = '/', headers = [], cookies = [], query = [], userAgent } = request;
  const words = ['curl'];
  if (method !== undefined && method !== 'GET') words.push('-X', method);
  if (host !== undefined) words.push('-H', quoted(`host: ${host}`));
  for (const [name, value] of headers) words.push('-H', quoted(`${name}: ${value}`));
  if (cookies.length > 0) {
    words.push('-b', quoted(cookies.map(([name, value]) => `${name}=${value}`).join('; ')));
  }
  if (userAgent !== undefined) words.push('-A', quoted(userAgent));
  words.push(quoted(`${url}${targetOf(path, query)}`));
  return words.join(' ');
}

/** A word as a shell takes it. */
function quoted(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
