// Shell: prompts and skills from the folders in which people read them too. A file that breaks a rule is said with its line and left
// out: a text is no reason to keep an assistant from tools, the stop among them.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SkillsExtension } from '@modelcontextprotocol/server/ext/skills';
import { type Prompt, parsePrompt } from './prompts.ts';
import { createSkillsExtension, filesToSkills } from './skills.ts';

export interface Texts {
  readonly prompts: readonly Prompt[];
  readonly skills: SkillsExtension;
}

type Say = (line: string) => void;

/** `root` holds `prompts/` and `skills/`. Prompts are read now, because hosts list them at once; skills at the first question. */
export function readTexts(root: string, say: Say = console.error): Texts {
  return {
    prompts: readPrompts(join(root, 'prompts'), say),
    skills: createSkillsExtension(() => {
      const onBroken = (path: string, message: string) => say(`skills/${path}: ${message}; it is left out`);
      return filesToSkills(readFolder(join(root, 'skills'), say), onBroken);
    }),
  };
}

function readPrompts(folder: string, say: Say): readonly Prompt[] {
  const prompts: Prompt[] = [];
  for (const [name, text] of Object.entries(readFolder(folder, say))) {
    const parsed = parsePrompt(name, text);
    if (parsed.ok) prompts.push(parsed.value);
    else say(`prompts/${name}:${parsed.error.line}: ${parsed.error.message}; this prompt is left out`);
  }
  return prompts;
}

/** Every text in it, by its path, in the order of names. */
function readFolder(folder: string, say: Say): Record<string, string> {
  try {
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith('.md'));
    const paths = files.map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    );
    return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
  } catch (error) {
    say(
      `${folder} cannot be read (${error instanceof Error ? error.message : String(error)}): what it holds is left out`,
    );
    return {};
  }
}
