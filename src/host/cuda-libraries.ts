/** Where NVIDIA's libraries are: found by looking at files, without loading or running any of them. */
import { existsSync, readFileSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

export type CudaLibraryName = 'driver' | 'nvrtc' | 'cudnn' | 'cublaslt';

interface LibraryKind {
  /** File names, with the major version where they tell it. */
  readonly linux: RegExp;
  readonly windows: RegExp;
  /** What it is, for people. */
  readonly title: string;
  /** How to get it: a full sentence. */
  readonly remedy: string;
}

/** `LANEWISE_CUDA_LIBS` is read for all of them. */
const KINDS: Readonly<Record<CudaLibraryName, LibraryKind>> = {
  driver: {
    linux: /^libcuda\.so\.(1)$/,
    windows: /^nvcuda\.dll$/,
    title: 'the NVIDIA driver (libcuda)',
    remedy: 'Install the NVIDIA driver; in a container, start it with --gpus all.',
  },
  nvrtc: {
    linux: /^libnvrtc\.so\.(\d+)$/,
    windows: /^nvrtc64_(\d+)0_0\.dll$/,
    title: 'NVRTC, which compiles kernels',
    remedy: 'Install it with `pip install nvidia-cuda-nvrtc`, or the CUDA toolkit.',
  },
  cudnn: {
    linux: /^libcudnn\.so\.(9)$/,
    windows: /^cudnn64_(9)\.dll$/,
    title: 'cuDNN (optional)',
    remedy: 'Install it with `pip install nvidia-cudnn-cu13`.',
  },
  cublaslt: {
    linux: /^libcublasLt\.so\.(\d+)$/,
    windows: /^cublasLt64_(\d+)\.dll$/,
    title: 'cuBLASLt (optional)',
    remedy: 'Install it with `pip install nvidia-cublas`.',
  },
};

export const CUDA_LIBRARY_NAMES = Object.keys(KINDS) as CudaLibraryName[];

/** A library that was found, or how to get it. */
export interface LibraryPlace {
  readonly name: CudaLibraryName;
  readonly title: string;
  /** Undefined where it is not to be found. */
  readonly path: string | undefined;
  readonly remedy: string;
}

export interface CudaSearch {
  readonly places: ReadonlyMap<CudaLibraryName, LibraryPlace>;
  /** Folders with CUDA's headers. */
  readonly includes: readonly string[];
  /** Where was looked, in this order; the system's loader comes after the folders of `LANEWISE_CUDA_LIBS`. */
  readonly folders: readonly string[];
}

export interface SearchOptions {
  readonly environment?: Environment | undefined;
  readonly platform?: string | undefined;
  /** Root of the file system, for tests. */
  readonly root?: string | undefined;
  /** Libraries of CUDA of a later major version are passed over: their code does not run on this driver. */
  readonly maxMajor?: number | undefined;
}

/**
 * Looks for the libraries: in the folders (or files) that `LANEWISE_CUDA_LIBS` lists, then where the system's loader
 * looks, in CUDA's toolkit, and in Python's packages. The first folder with a library has it; of several versions there
 * the newest counts.
 */
export function findCudaLibraries(options: SearchOptions = {}): CudaSearch {
  const { environment = process.env, platform = process.platform, maxMajor = Infinity } = options;
  const roots = searchRoots(options);
  const folders = [...new Set(roots.map(({ libraries }) => libraries))];
  const named = listOf(environment['LANEWISE_CUDA_LIBS']).filter((path) => /\.(so|dll)(\.|$)/.test(path));
  const files = new Map(folders.map((folder) => [folder, filesIn(folder)]));
  const places = CUDA_LIBRARY_NAMES.map((name): [CudaLibraryName, LibraryPlace] => {
    const { title, remedy, linux, windows } = KINDS[name];
    const pattern = platform === 'win32' ? windows : linux;
    const most = name === 'nvrtc' || name === 'cublaslt' ? maxMajor : Infinity;
    const path =
      named.find((file) => pattern.test(file.split(/[\\/]/).at(-1) ?? '')) ??
      Array.from(files, ([folder, names]) => newest(folder, names, pattern, most)).find(Boolean) ??
      (name === 'driver' && platform === 'win32' ? 'nvcuda.dll' : undefined);
    return [name, { name, title, path, remedy }];
  });
  const includes = roots.flatMap(({ includes: folder }) => folder);
  return {
    places: new Map(places),
    includes: [...new Set(includes)].filter((folder) => existsSync(join(folder, 'cuda_fp16.h'))).slice(0, 1),
    folders,
  };
}

/**
 * The parts of NVRTC beside its library. It loads them by their bare names, with the version, which the system's loader does
 * not find in a folder of Python's packages or of `LANEWISE_CUDA_LIBS`, unless somebody has loaded them before by their paths.
 */
export function nvrtcParts(nvrtc: string): string[] {
  const folders = new Set([dirname(nvrtc), dirname(realPath(nvrtc))]);
  return Array.from(folders, (folder) =>
    filesIn(folder)
      .filter((name) => /^libnvrtc-builtins\.so\.\d+\.\d+$|^nvrtc-builtins64_\d+\.dll$/.test(name))
      .map((name) => join(folder, name)),
  ).flat();
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** A folder of libraries, and where the headers that go with them would be. */
interface Root {
  readonly libraries: string;
  readonly includes: readonly string[];
}

function searchRoots({
  environment = process.env,
  platform = process.platform,
  root = '/',
}: SearchOptions): Root[] {
  const windows = platform === 'win32';
  const named = listOf(environment['LANEWISE_CUDA_LIBS']).map((path) =>
    /\.(so|dll)(\.|$)/.test(path) ? dirname(path) : path,
  );
  const toolkits = [environment['CUDA_PATH'], environment['CUDA_HOME'], ...(windows ? [] : toolkitsIn(root))];
  const own = listOf(windows ? environment['PATH'] : environment['LD_LIBRARY_PATH']);
  const system = windows
    ? []
    : [...SYSTEM_FOLDERS, ...linkerFolders(root)].map((folder) => join(root, folder));
  return [
    ...[...named, ...own, ...system].map(withoutHeaders),
    ...toolkits.flatMap((toolkit) => (toolkit ? toolkitRoots(toolkit) : [])),
    ...sitePackages(environment, root).flatMap(wheelRoots),
  ];
}

/** Where drivers and toolkits are installed, and where containers and WSL put the host's driver. */
const SYSTEM_FOLDERS = [
  'usr/lib/x86_64-linux-gnu',
  'usr/lib/aarch64-linux-gnu',
  'usr/lib64',
  'usr/lib',
  'usr/local/nvidia/lib64',
  'usr/local/nvidia/lib',
  'usr/lib/wsl/lib',
  'run/opengl-driver/lib',
];

function withoutHeaders(libraries: string): Root {
  return { libraries, includes: [] };
}

function toolkitRoots(toolkit: string): Root[] {
  const includes = [join(toolkit, 'include')];
  return ['lib64', 'targets/x86_64-linux/lib', 'targets/sbsa-linux/lib', 'lib', 'bin/x64', 'bin'].map(
    (folder) => ({
      libraries: join(toolkit, folder),
      includes,
    }),
  );
}

/** `/usr/local/cuda` first, which its owner chose; then the newest. */
function toolkitsIn(root: string): string[] {
  const local = join(root, 'usr/local');
  const names = filesIn(local).filter((name) => /^cuda(-\d+(\.\d+)?)?$/.test(name));
  return names.sort((a, b) => versionOf(b) - versionOf(a)).map((name) => join(local, name));
}

function versionOf(toolkit: string): number {
  return toolkit === 'cuda' ? Infinity : Number(toolkit.slice('cuda-'.length));
}

/** Folders that the linker's cache names for libraries of NVIDIA: zero-terminated paths. */
function linkerFolders(root: string): string[] {
  try {
    const cache = readFileSync(join(root, 'etc/ld.so.cache'), 'latin1');
    const paths = cache.matchAll(/(\/[^\0]*)\/lib(?:cuda|nvrtc|cudnn|cublasLt)\.so\.\d+\0/g);
    return [...new Set(Array.from(paths, ([, folder]) => folder))];
  } catch {
    return [];
  }
}

/** Folders of Python's packages: of the environment in use, of the `python3` on the path, of the system and the user. */
function sitePackages(environment: Environment, root: string): string[] {
  const prefixes = [environment['VIRTUAL_ENV'], environment['CONDA_PREFIX'], ...pythonPrefixes(environment)];
  const home = environment['HOME'] ?? homedir();
  const all = [...prefixes, join(home, '.local'), join(root, 'usr/local'), join(root, 'usr')];
  return all.flatMap((prefix) => {
    if (!prefix) return [];
    const lib = join(prefix, 'lib');
    const versions = filesIn(lib).filter((name) => /^python3(\.\d+)?$/.test(name));
    return [
      ...versions.flatMap((name) => [join(lib, name, 'site-packages'), join(lib, name, 'dist-packages')]),
      join(prefix, 'Lib', 'site-packages'),
    ].filter((folder) => existsSync(join(folder, 'nvidia')));
  });
}

function pythonPrefixes({ PATH }: Environment): string[] {
  for (const folder of (PATH ?? '').split(delimiter)) {
    const program = join(folder, process.platform === 'win32' ? 'python.exe' : 'python3');
    if (folder === '' || !existsSync(program)) continue;
    // A virtual environment's own folder, and the one of the Python that it was made with.
    return [dirname(folder), dirname(dirname(realpathSync(program)))];
  }
  return [];
}

/** NVIDIA's packages: `nvidia/cu13/lib`, `nvidia/cuda_nvrtc/lib`, `nvidia/cudnn/lib`, ... */
function wheelRoots(packages: string): Root[] {
  const nvidia = join(packages, 'nvidia');
  return filesIn(nvidia).flatMap((name) =>
    ['lib', 'lib64', 'bin', 'bin/x86_64'].map((folder) => ({
      libraries: join(nvidia, name, folder),
      includes: [join(nvidia, name, 'include')],
    })),
  );
}

function newest(
  folder: string,
  names: readonly string[],
  pattern: RegExp,
  maxMajor: number,
): string | undefined {
  const found = names.flatMap((name) => {
    const match = pattern.exec(name);
    const major = Number(match?.[1] ?? 0);
    return match && major <= maxMajor ? [{ name, major }] : [];
  });
  const [best] = found.sort((a, b) => b.major - a.major);
  return best && join(folder, best.name);
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function listOf(variable: string | undefined): string[] {
  return (variable ?? '').split(delimiter).filter(Boolean);
}
