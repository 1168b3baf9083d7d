# Builds from the sdist in dist/. packaging/release.py writes a copy that names the released sdist, its checksum, the
# home page and a resource for each library; none of the first three is known before.
class KiroTui < Formula
  include Language::Python::Virtualenv

  desc "Terminal dashboard for AWS Kiro credits"
  homepage ""
  url "file://#{File.expand_path("../dist/kiro_tui-0.1.0.tar.gz", __dir__)}"
  license "MIT"

  depends_on "python@3.13"

  def install
    virtualenv_install_with_resources
    bash_completion.install_symlink libexec/"share/bash-completion/completions/kiro-tui"
    zsh_completion.install_symlink libexec/"share/zsh/site-functions/_kiro-tui"
    fish_completion.install_symlink libexec/"share/fish/vendor_completions.d/kiro-tui.fish"
    man1.install_symlink libexec/"share/man/man1/kiro-tui.1"
  end

  test do
    assert_match "kiro-tui #{version}", shell_output("#{bin}/kiro-tui --version")
    assert_match "not_installed", shell_output("#{bin}/kiro-tui status --json --kiro-cli #{testpath}/none", 3)
  end
end
