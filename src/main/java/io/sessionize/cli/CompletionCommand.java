package io.sessionize.cli;

import io.sessionize.Failure;
import java.io.PrintStream;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code completion}: prints the script by which a shell completes commands and options. */
final class CompletionCommand implements Command {
  private static final List<String> SHELLS = List.of("bash", "zsh");

  /** Forms of an argument that are names of files or folders. */
  private static final List<String> PATHS = List.of("FILE", "DIR");

  @Override
  public String name() {
    return "completion";
  }

  @Override
  public String summary() {
    return "Print a script that completes commands and options in bash or zsh";
  }

  @Override
  public String words() {
    return String.join("|", SHELLS);
  }

  @Override
  public List<Opt> options() {
    return OptGroup.LOGGING.list();
  }

  @Override
  public void execute(Arguments arguments, PrintStream out) {
    if (arguments.words().size() != 1 || !SHELLS.contains(arguments.words().get(0))) {
      throw Failure.usage("Give completion one of: %s.", String.join(", ", SHELLS));
    }
    boolean zsh = arguments.words().get(0).equals("zsh");
    out.printf("# Completion of sessionize for %s.%n", arguments.words().get(0));
    if (zsh) {
      out.println("autoload -U +X compinit && compinit -u");
      out.println("autoload -U +X bashcompinit && bashcompinit");
    }
    out.println("_sessionize() {");
    out.println("  local word=${COMP_WORDS[COMP_CWORD]} last=${COMP_WORDS[COMP_CWORD-1]} words=");
    out.println("  COMPREPLY=()");
    printValues(out);
    printWords(out);
    out.println("  COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))");
    out.println("}");
    out.println("complete -F _sessionize sessionize scripts/sessionize ./scripts/sessionize");
  }

  /** The values of the option before the word. */
  private static void printValues(PrintStream out) {
    out.println("  case $last in");
    for (Opt opt : options(opt -> opt.argument() != null && opt.argument().contains("|"))) {
      out.printf(
          "    --%s) COMPREPLY=($(compgen -W \"%s\" -- \"$word\")); return ;;%n",
          opt.longName(), opt.argument().replace('|', ' '));
    }
    out.printf(
        "    %s) compopt -o filenames 2>/dev/null; local IFS=$'\\n"
            + "'; COMPREPLY=($(compgen -f -- \"$word\")); return ;;%n",
        patterns(options(opt -> opt.argument() != null && PATHS.contains(opt.argument()))));
    // The user writes any other value.
    out.printf(
        "    %s) return ;;%n",
        patterns(
            options(
                opt ->
                    opt.argument() != null
                        && !opt.argument().contains("|")
                        && !PATHS.contains(opt.argument()))));
    out.println("  esac");
  }

  private static List<Opt> options(Predicate<Opt> condition) {
    return Stream.of(Opt.values()).filter(condition).toList();
  }

  private static String patterns(List<Opt> options) {
    return options.stream()
        .flatMap(
            opt ->
                opt.shortName() == null
                    ? Stream.of("--" + opt.longName())
                    : Stream.of("--" + opt.longName(), "-" + opt.shortName()))
        .collect(Collectors.joining("|"));
  }

  /** The commands, and for each command its words and options. */
  private static void printWords(PrintStream out) {
    out.println("  if ((COMP_CWORD == 1)); then");
    out.printf(
        "    words=\"%s --help --version\"%n",
        Main.commands().stream().map(Command::name).collect(Collectors.joining(" ")));
    out.println("  else");
    out.println("    case ${COMP_WORDS[1]} in");
    for (Command command : Main.commands()) {
      Stream<String> options = command.options().stream().map(opt -> "--" + opt.longName());
      out.printf(
          "      %s) words=\"%s\" ;;%n",
          command.name(),
          Stream.concat(subcommands(command), options).collect(Collectors.joining(" ")));
    }
    out.println("    esac");
    out.println("  fi");
  }

  /** The words that a command lists in lower case: {@code log | diff | session ID}. */
  private static Stream<String> subcommands(Command command) {
    return Stream.of(command.words().split("[\\[\\]| ]+")).filter(word -> word.matches("[a-z]+"));
  }
}
