/**
 * What a shell runs on the tab key: `fer completion -- <words so far>` prints candidates, a tab and what each means;
 * where there are none, the shell completes names of files.
 */

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The file that each shell reads at its start. */
export const STARTUP: Readonly<Record<Shell, string>> = {
  bash: "~/.bashrc",
  zsh: "~/.zshrc",
  fish: "~/.config/fish/config.fish",
};

/** The line for it. */
export const sourceLine = (shell: Shell): string =>
  shell === "fish" ? "fer completion fish | source" : `source <(fer completion ${shell})`;

export const SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `_fer() {
  local IFS=$'\\n'
  COMPREPLY=($(fer completion -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f 1))
}
complete -o default -o bashdefault -F _fer fer`,
  zsh: `_fer() {
  local -a found
  found=("\${(@f)$(fer completion -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -z "$found" ]]; then
    _files
  else
    found=("\${(@)found//:/\\\\:}")
    found=("\${(@)found/$'\\t'/:}")
    _describe fer found
  fi
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _fer fer`,
  fish: `function __fer_complete
  set -l found (fer completion -- (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c fer -f -a '(__fer_complete)'`,
};
