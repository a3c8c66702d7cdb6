// Custom sections that become the canister's metadata: `icp:public NAME` and `icp:private NAME`.

import { moduleLimits } from './limits.ts';
import type { ModuleShape } from './module-shape.ts';
import type { CustomSection } from './prepared-module.ts';
import { refuseSection, refuseTooMany } from './refusal.ts';
import { utf8Length } from './validate.ts';

export function validateCustomSections(shape: ModuleShape): CustomSection[] {
  const sections = new Map<string, CustomSection>();
  let totalBytes = 0;
  for (const { name: fullName, content } of shape.customSections) {
    const { name, visibility } = parseSectionName(fullName);
    if (sections.has(name)) refuseSection('custom', `Invalid custom section: name ${name} already exists`);
    totalBytes += content.end - content.start + utf8Length(name);
    if (totalBytes > moduleLimits.customSectionBytes) refuseTotalBytes(totalBytes);
    sections.set(name, { name, visibility, content: shape.bytes.slice(content.start, content.end) });
    if (sections.size > moduleLimits.customSections) {
      refuseTooMany('custom sections', sections.size, moduleLimits.customSections);
    }
  }
  return [...sections.values()];
}

function parseSectionName(fullName: string): { name: string; visibility: 'public' | 'private' } {
  for (const visibility of ['public', 'private'] as const) {
    const prefix = `icp:${visibility} `;
    if (fullName.startsWith(prefix)) return { name: fullName.slice(prefix.length), visibility };
  }
  if (fullName === 'icp:public' || fullName === 'icp:private') {
    return refuseSection('custom', `'icp:' section names must have a space after the public/private scope`);
  }
  return refuseSection(
    'custom',
    `Invalid custom section: Custom section '${fullName}' has no public/private scope defined.`,
  );
}

function refuseTotalBytes(totalBytes: number): never {
  refuseSection(
    'custom',
    `Invalid custom sections: total size of the custom sections exceeds the maximum allowed: size ${totalBytes} bytes, allowed ${moduleLimits.customSectionBytes} bytes`,
  );
}
