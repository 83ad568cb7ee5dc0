#!/usr/bin/env node
/**
 * An agent that reads a folder of text files and answers with an index of them: each file with its title, its length and
 * the words that tell it apart from the others, and each of those words with its files.
 *
 * It takes its instruction on standard input (`input: "text"`): any words, of which a path in quotes is the folder; without
 * one it is the folder that it runs in. `context.paceMs` makes it rest that long after each file, to be watched at work.
 * What it reports, on the descriptor that SKEIN_REPORT_FD names: its progress, a tool call for each file that it reads, and
 * as tokens the words that it read and wrote. No model is asked, so nothing is paid.
 */
import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';

const TEXT = new Set(['.txt', '.md', '.text']);
const LONGEST_FILE = 1_000_000;
const TELLING_WORDS = 4;
/** Exit code for a wrong set-up: the same run again would fail in the same way. */
const EX_CONFIG = 78;

const reportTo = Number(process.env.SKEIN_REPORT_FD);
const report = (news) => {
  if (Number.isInteger(reportTo)) writeSync(reportTo, `${JSON.stringify(news)}\n`);
};

const wordsOf = (text) => text.toLowerCase().match(/\p{L}[\p{L}\p{N}'’-]+/gu) ?? [];

async function readFiles(folder, paceMs) {
  const names = readdirSync(folder)
    .filter((name) => TEXT.has(extname(name)))
    .sort();
  const files = [];
  for (const name of names) {
    const text = readFileSync(join(folder, name), 'utf8').slice(0, LONGEST_FILE);
    const words = wordsOf(text);
    files.push({ name, text, words });
    report({
      progress: `${files.length} of ${names.length}: ${name}`,
      usage: { toolCalls: 1, tokensIn: words.length },
    });
    await rest(paceMs);
  }
  return files;
}

/** How often a word stands in this file, weighed by how few of the files have it. */
function tellingWords(file, files) {
  const counts = new Map();
  for (const word of file.words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const weighed = [...counts].map(([word, count]) => {
    const having = files.filter(({ words }) => words.includes(word)).length;
    return { word, weight: count * Math.log(1 + files.length / having) };
  });
  return weighed
    .filter(({ word }) => word.length > 3)
    .sort((a, b) => b.weight - a.weight || a.word.localeCompare(b.word))
    .slice(0, TELLING_WORDS)
    .map(({ word }) => word);
}

function indexOf(files) {
  const entries = files.map((file) => ({
    name: file.name,
    title:
      file.text
        .split('\n')
        .find((line) => line.trim() !== '')
        ?.replace(/^#+ */, '')
        .trim() ?? '(empty)',
    words: file.words.length,
    telling: tellingWords(file, files),
  }));
  const byWord = new Map();
  for (const { name, telling } of entries)
    for (const word of telling) byWord.set(word, [...(byWord.get(word) ?? []), name]);
  const lines = [
    `${entries.length} files, ${entries.reduce((sum, { words }) => sum + words, 0)} words`,
    '',
    ...entries.map(({ name, title, words, telling }) => `${name}: ${title} (${words} words: ${telling.join(', ')})`),
    '',
    ...[...byWord].sort(([a], [b]) => a.localeCompare(b)).map(([word, names]) => `${word}: ${names.join(', ')}`),
  ];
  return `${lines.join('\n')}\n`;
}

const instruction = readFileSync(0, 'utf8');
const [, quoted = '.'] = /"([^"]+)"/.exec(instruction) ?? [];
const { paceMs = 0 } = JSON.parse(process.env.SKEIN_CONTEXT ?? '{}');
const folder = resolve(quoted);
try {
  const files = await readFiles(folder, Number(paceMs));
  const index = indexOf(files);
  report({ usage: { tokensOut: wordsOf(index).length } });
  process.stdout.write(index);
} catch (cause) {
  if (cause?.code !== 'ENOENT' && cause?.code !== 'ENOTDIR') throw cause;
  process.stderr.write(`there is no folder ${folder}\n`);
  process.exitCode = EX_CONFIG;
}
