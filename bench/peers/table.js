/** Tables of results, as plain text. */

/** Every entry of a network: its time with quartiles, its ratio to Lanewise in each precision, its error. */
export function formatNetwork({ name, batch, description, entries = [], failure }) {
  const head = `\n${name}, batch ${batch}${description ? `, on ${description}` : ''}`;
  if (failure) return `${head}\n  failed: ${failure}`;
  const ours = entries.filter(({ engine, median }) => engine === 'Lanewise' && median !== undefined);
  const header = ['engine', 'setting', 'dtype', 'us a run', 'quartiles'];
  const ratios = ours.map(({ dtype }) => `/ Lanewise ${dtype}`);
  const rows = entries.map((entry) => rowOf(entry, ours));
  return `${head}\n${table([[...header, ...ratios, 'error', 'runs a sample', 'opened in'], ...rows])}`;
}

function rowOf({ engine, setting, dtype, opening, median, low, high, deviation, runs, error }, ours) {
  const start = [engine, setting, dtype];
  if (median === undefined) return [...start, `not timed: ${error}`];
  return [
    ...start,
    microseconds(median),
    `${microseconds(low)} to ${microseconds(high)}`,
    ...ours.map((own) => (median / own.median).toFixed(2)),
    deviation.toExponential(1),
    String(runs),
    `${(opening / 1e3).toFixed(1)} s`,
  ];
}

/**
 * A line per network: how much faster Lanewise is than the fastest peer of all, and per precision than the fastest of the same.
 */
export function formatSummary(reports, dtypes) {
  const rows = reports.map(({ name, batch, entries = [] }) => {
    const timed = entries.filter(({ median }) => median !== undefined);
    const peers = timed.filter(({ engine }) => engine !== 'Lanewise');
    const best = fastest(peers);
    return [
      `${name} x${batch}`,
      best ? `${best.engine} ${best.setting} ${best.dtype}` : '-',
      timeOf(best),
      ...dtypes.flatMap((dtype) => {
        const own = timed.find((entry) => entry.engine === 'Lanewise' && entry.dtype === dtype);
        return [
          timeOf(own),
          gain(best, own),
          gain(fastest(peers.filter((peer) => peer.dtype === dtype)), own),
        ];
      }),
    ];
  });
  const columns = dtypes.flatMap((dtype) => [`Lanewise ${dtype}`, 'faster', `than ${dtype}`]);
  return `\n${table([['network', 'fastest peer', 'us', ...columns], ...rows])}`;
}

function gain(peer, own) {
  return peer && own ? `${(peer.median / own.median).toFixed(2)}x` : '-';
}

function fastest(entries) {
  return entries.reduce((best, entry) => (best && best.median <= entry.median ? best : entry), undefined);
}

function timeOf(entry) {
  return entry ? microseconds(entry.median) : '-';
}

function microseconds(value) {
  return value.toFixed(value < 1000 ? 1 : 0);
}

/** Columns as wide as their widest cell, the last of a row apart. */
export function table(rows) {
  const widths = [];
  for (const row of rows) {
    for (const [i, cell] of row.slice(0, -1).entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  const line = (row) => row.map((cell, i) => (i < row.length - 1 ? cell.padEnd(widths[i]) : cell)).join('  ');
  return rows.map((row) => `  ${line(row)}`).join('\n');
}
