/** Splits shell text into commands and their words. It knows quotes, line continuations and separators; it expands nothing. */
export function listCommands(text: string): readonly (readonly string[])[] {
  const commands: string[][] = [];
  let words: string[] = [];
  let word = "";
  const endWord = (): void => {
    if (word !== "") words.push(word);
    word = "";
  };
  const endCommand = (): void => {
    endWord();
    if (words.length > 0) commands.push(words);
    words = [];
  };
  const token = /\\\n|'[^']*'|"(?:[^"\\]|\\.)*"|(?<=^|\s)#[^\n]*|&&|\|\||\$\(|[\n;|&()]|\s|[\s\S]/g;
  for (const [part] of text.matchAll(token)) {
    if (part === "\\\n" || part.startsWith("#")) endWord();
    else if (part.startsWith("'") && part.length > 1) word += part.slice(1, -1);
    else if (part.startsWith('"') && part.length > 1) word += part.slice(1, -1);
    else if (/^(?:&&|\|\||\$\(|[\n;|&()])$/.test(part)) endCommand();
    else if (/^\s$/.test(part)) endWord();
    else word += part;
  }
  endCommand();
  return commands.map(removeVariables).filter((one) => one.length > 0);
}

/** Removes `NAME=value` before a command. */
function removeVariables(words: readonly string[]): readonly string[] {
  const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word));
  return first < 0 ? [] : words.slice(first);
}
