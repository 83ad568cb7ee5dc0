export function nodeStoreSuite(_name: string, _createSubject: unknown): void {}
