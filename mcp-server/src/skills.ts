// How jobs are done, as skills over the protocol's extension. Hosts ask for them long after they listed tools, and hashing them takes
// as long as half a start: they are read at the first question, once.
import type { McpServer } from '@modelcontextprotocol/server';
import {
  memorySkillFiles,
  type Skill,
  type SkillSource,
  SkillsExtension,
} from '@modelcontextprotocol/server/ext/skills';

export interface Skills {
  readonly entries: readonly Skill[];
  /** Text of a file, by its address. */
  readonly texts: ReadonlyMap<string, string>;
}

/** An hour, as for the other lists: they only change with the program. */
const cacheHint = { ttlMs: 3_600_000, cacheScope: 'public' } as const;
const scheme = 'skill://';

/** `files` by path below the folder of skills; what breaks a rule is said and left out. */
export async function filesToSkills(
  files: Readonly<Record<string, string>>,
  onBroken: (path: string, message: string) => void,
): Promise<Skills> {
  // The library would call an empty folder a problem of its own.
  if (Object.keys(files).length === 0) return { entries: [], texts: new Map() };
  const onWarning = ({ path, message }: { path: string; message: string }) => onBroken(path, message);
  const { entries } = await SkillsExtension.load(memorySkillFiles(files), { onWarning });
  const texts = new Map(Object.entries(files).map(([path, text]) => [`${scheme}${path}`, text]));
  return { entries, texts };
}

export function createSkillsExtension(read: () => Promise<Skills>): SkillsExtension {
  let asked: Promise<Skills> | null = null;
  const skills = () => {
    asked ??= read();
    return asked;
  };
  return new SkillsExtension({ source: createSource(skills), cacheHint, strict: true });
}

function createSource(skills: () => Promise<Skills>): SkillSource {
  const isServed = ({ entries }: Skills, uri: string) =>
    entries.some(({ resources }) => resources !== 'dynamic' && resources.some((file) => file.uri === uri));
  return {
    list: async () => ({ skills: [...(await skills()).entries] }),
    get: async (uri) => (await skills()).entries.find((skill) => skill.uri === uri),
    read: async (uri) => {
      const known = await skills();
      const text = known.texts.get(uri);
      return text === undefined || !isServed(known, uri) ? undefined : { text, mimeType: 'text/markdown' };
    },
    // Hosts that do not know the extension find them here.
    listResources: async () => (await skills()).entries.map(skillToResource),
  };
}

function skillToResource({ uri, frontmatter }: Skill) {
  return { uri, name: frontmatter.name, description: frontmatter.description, mimeType: 'text/markdown' };
}

export function registerSkills(server: McpServer, skills: SkillsExtension): void {
  skills.attach(server);
}
