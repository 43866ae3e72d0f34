/** Returns the first value of a name in a query, both as received; '' for a name without '='. */
export function queryValue(query: string, name: string): string | undefined {
  let start = 0;
  while (start < query.length) {
    const next = query.indexOf('&', start);
    const end = next === -1 ? query.length : next;
    if (query.startsWith(name, start)) {
      const nameEnd = start + name.length;
      if (nameEnd === end) return '';
      if (query.charCodeAt(nameEnd) === equalsSign) return query.slice(nameEnd + 1, end);
    }
    start = end + 1;
  }
  return undefined;
}

const equalsSign = 0x3d;
