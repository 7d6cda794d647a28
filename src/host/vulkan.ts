/** What a Linux machine has of Vulkan, found without loading any of it. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const LOADER = 'libvulkan.so.1';

/** Where the dynamic linker looks without being told, besides what its cache names. */
const LIBRARY_FOLDERS = [
  '/lib',
  '/usr/lib',
  '/lib64',
  '/usr/lib64',
  '/usr/local/lib',
  '/lib/x86_64-linux-gnu',
  '/usr/lib/x86_64-linux-gnu',
  '/lib/aarch64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
];

/** Where containers and NixOS put drivers' manifests, besides the folders that Vulkan loaders search. */
const MANIFEST_FOLDERS = [
  '/usr/local/nvidia/share/vulkan/icd.d',
  '/run/opengl-driver/share/vulkan/icd.d',
  '/usr/local/etc/vulkan/icd.d',
  '/etc/vulkan/icd.d',
];

/**
 * The files through which Linux drivers reach a GPU: those of the kernel's own graphics stack, NVIDIA's, WSL's, and of
 * phones' and boards' GPUs. One below /dev/dri counts only if it renders: a server's screen has a card0 as well.
 */
const GPU_NODES =
  /^(?:dri\/renderD\d+|nvidia\d+|nvidiactl|nvhost-gpu|nvmap|dxg|kgsl-3d0|mali\d+|pvr_sync|galcore)$/;

type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the dynamic linker finds a Vulkan loader. */
export function hasVulkanLoader(env: Environment = process.env): boolean {
  const folders = [...listOf(env['LD_LIBRARY_PATH']), ...LIBRARY_FOLDERS];
  return folders.some((folder) => existsSync(join(folder, LOADER))) || isInLinkerCache(LOADER);
}

/** Whether a variable names a driver's manifest that is there: who sets one knows of a GPU, or wants this driver. */
export function namesVulkanDriver(env: Environment = process.env): boolean {
  const named = [env['VK_DRIVER_FILES'] ?? env['VK_ICD_FILENAMES'], env['VK_ADD_DRIVER_FILES']];
  return named.flatMap(listOf).some((path) => existsSync(path));
}

/** Whether a Vulkan loader would find a driver's manifest: by variable, or in one of its folders. */
export function hasVulkanDriver(env: Environment = process.env): boolean {
  if (namesVulkanDriver(env)) return true;
  const home = env['HOME'] ?? homedir();
  const roots = [
    env['XDG_CONFIG_HOME'] ?? join(home, '.config'),
    ...listOf(env['XDG_CONFIG_DIRS'] ?? '/etc/xdg'),
    env['XDG_DATA_HOME'] ?? join(home, '.local/share'),
    ...listOf(env['XDG_DATA_DIRS'] ?? '/usr/local/share:/usr/share'),
  ];
  const folders = [...roots.map((root) => join(root, 'vulkan/icd.d')), ...MANIFEST_FOLDERS];
  return folders.some(holdsManifest);
}

/**
 * Whether a driver would find a GPU. Drivers that find none are better not loaded: Mesa's write to the terminal, and
 * come with one that computes on the CPU, at which Dawn complains there too.
 * @param root where device files are
 */
export function hasGpuNode(root = '/dev'): boolean {
  const names = [...namesIn(root), ...namesIn(join(root, 'dri')).map((name) => `dri/${name}`)];
  return names.some((name) => GPU_NODES.test(name));
}

function listOf(variable: string | undefined): string[] {
  return (variable ?? '').split(':').filter(Boolean);
}

function holdsManifest(folder: string): boolean {
  return namesIn(folder).some((name) => name.endsWith('.json'));
}

/** None of a folder that is not there or cannot be read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The cache lists libraries by name and path, as zero-terminated strings. */
function isInLinkerCache(library: string): boolean {
  try {
    return readFileSync('/etc/ld.so.cache').includes(`${library}\0`);
  } catch {
    return false;
  }
}
