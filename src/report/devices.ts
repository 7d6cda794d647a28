/** The text of `lanewise devices`. */
import type { GpuIdentity, GpuLimits } from '../devices/gpu.js';
import { formatBytes, formatCount } from './format.js';
import { keyValues } from './table.js';

/** A device that `--device` takes, or why it is not to be had. */
export interface DeviceReport {
  /** As `--device` takes it. */
  readonly device: string;
  /** As `--ordinal` takes it; null for a device that is the only one of its kind. */
  readonly ordinal: number | null;
  /** For people; null where there is none. */
  readonly description: string | null;
  /** Null for the CPU, and where there is none. */
  readonly identity: Omit<GpuIdentity, 'kind'> | null;
  readonly limits: GpuLimits | null;
  readonly features: readonly string[];
  /** Facts that only some devices have, for people: memory, compute capability. */
  readonly details: readonly string[];
  /** Why it is not to be had, and what to do; null where it is. */
  readonly problem: string | null;
}

/** A library of NVIDIA's. */
export interface LibraryReport {
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** Its file; null where it was not found. */
  readonly path: string | null;
  /** Null where it is not known without using it. */
  readonly version: string | null;
  /** How to get it. */
  readonly remedy: string;
}

/** `lanewise devices --json` */
export interface DevicesDocument {
  readonly command: 'devices';
  readonly devices: readonly DeviceReport[];
  /** What the device `cuda` is made of. */
  readonly libraries: readonly LibraryReport[];
}

export function deviceLines({ devices, libraries }: Omit<DevicesDocument, 'command'>): string[] {
  const entries = devices.flatMap(deviceEntries);
  return [
    ...keyValues(entries),
    '',
    'Libraries for the device cuda:',
    ...keyValues(libraries.map((found) => [found.title, libraryText(found)])),
  ];
}

function deviceEntries(report: DeviceReport): [string, string][] {
  const { device, ordinal, description, problem, limits, details } = report;
  const name = ordinal === null ? device : `${device} --ordinal ${ordinal}`;
  if (description === null) return [[name, `not here: ${problem ?? 'no reason is known'}`]];
  const lines = [description, ...driverLines(report), ...details, ...(limits ? limitLines(limits) : [])];
  if (report.features.length > 0) lines.push(`features: ${report.features.join(', ')}`);
  if (problem !== null) lines.push(problem);
  return lines.map((line, i) => [i === 0 ? name : '', line]);
}

function driverLines({ identity }: DeviceReport): string[] {
  if (!identity) return [];
  const { driver, runtime } = identity;
  const parts = [driver && `driver ${driver}`, runtime].filter(Boolean);
  return parts.length > 0 ? [parts.join(', ')] : [];
}

function limitLines(limits: GpuLimits): string[] {
  const { maxBufferBytes, maxBindingBytes, maxBindings, maxWorkgroupBytes, maxInvocations, subgroupSize } =
    limits;
  const [least, most] = subgroupSize;
  const lanes = least === most ? String(least) : `${least} to ${most}`;
  return [
    `buffers up to ${formatBytes(maxBufferBytes)}, bindings up to ${formatBytes(maxBindingBytes)} and ${maxBindings} per kernel`,
    `workgroups of up to ${formatCount(maxInvocations)} invocations and ${formatBytes(maxWorkgroupBytes)}` +
      (most > 0 ? `, subgroups of ${lanes}` : ''),
  ];
}

function libraryText({ path, version, remedy }: LibraryReport): string {
  if (path === null) return `not found. ${remedy}`;
  return version === null ? path : `${version}, ${path}`;
}
