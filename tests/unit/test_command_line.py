import json
import subprocess
import sys

import pytest

import aecore
from aecore.__main__ import main
from aecore.analysis import measures
from aecore.analysis.likelihood import importance_weighted_nll
from aecore.families import REGISTRY
from aecore.runs import open_run

QUICK = ["--dataset", "digits", "--epochs", "1", "--latent-dim", "2", "--hidden", "16"]


@pytest.fixture(autouse=True)
def few_samples(monkeypatch):
    """Figures are of fewer samples and images: how exact they are is not asked here."""
    monkeypatch.setattr(measures, "SAMPLES", 500)
    monkeypatch.setattr(measures, "NOISY", 50)


@pytest.fixture
def run(capsys):
    """Run a command in this process: exit code, standard output, standard error."""

    def call(*arguments):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as stop:  # argparse
            code = stop.code
        return code, *capsys.readouterr()

    return call


def test_train_prints_one_object_on_the_last_line(run, tmp_path):
    """The documented command, in a process of its own; its second call is refused in this one."""
    command = [sys.executable, "-m", "aecore", "train", "vae", "--dataset", "digits"]
    command += ["--epochs", "1", "--latent-dim", "2", "--seed", "0", "--out"]
    done = subprocess.run(
        [*command, str(tmp_path / "my-vae"), "--json"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    opened = open_run(tmp_path / "my-vae")
    assert result == {"run": str(tmp_path / "my-vae"), "name": "my-vae", **opened.card}
    assert opened.config.fit["epochs"] == 1
    assert opened.config.fit["seed"] == 0
    code, out, err = run(*command[3:], tmp_path / "my-vae", "--json")
    assert (code, out) == (2, "")
    assert "a run in 'my-vae' already" in err
    assert "Traceback" not in err


def test_options_reach_the_model_and_the_training(run, tmp_path):
    code, *_ = run(
        *("train", "vae", *QUICK, "--network", "conv", "--hidden", "3,4", "--beta", 2, "--seed", 7),
        *("--batch-size", 100, "--learning-rate", 0.01, "--likelihood", "gaussian"),
        *("--precision", "float32", "--out", tmp_path / "conv"),
    )
    assert code == 0
    config = open_run(tmp_path / "conv").config
    assert config.dataset == "digits"
    defaults = {option.name: option.default for option in REGISTRY["vae"].OPTIONS}
    given = {"hidden": [3, 4], "network": "conv", "likelihood": "gaussian", "beta": 2.0}
    assert config.options == defaults | given
    fit = {"batch_size": 100, "learning_rate": 0.01, "seed": 7, "precision": "float32"}
    assert fit.items() <= config.fit.items()


def test_the_same_command_gives_the_same_run(run, tmp_path, same):
    for name in ("one", "two", "other"):
        seed = 1 if name == "other" else 0
        assert run("train", "ae", *QUICK, "--seed", seed, "--out", tmp_path / name)[0] == 0
    one, two, other = (open_run(tmp_path / name) for name in ("one", "two", "other"))
    assert same(one.model(), two.model())
    assert one.card["figures"] == two.card["figures"]
    assert not same(one.model(), other.model())


def test_a_run_without_out_goes_to_the_runs_folder(run, tmp_path, monkeypatch):
    monkeypatch.setenv("LATENT_LAB_RUNS", str(tmp_path / "runs"))
    assert run("train", "ae", *QUICK)[0] == 0
    assert [r.name for r in aecore.list_runs()] == ["digits-ae"]


@pytest.mark.parametrize("pixels", [[], ["--binarised", "yes"]], ids=["grey", "binarised"])
def test_evaluate_measures_a_run_and_its_file_alike(run, tmp_path, pixels):
    assert run("train", "ae", *QUICK, *pixels, "--out", tmp_path / "my-ae")[0] == 0
    card = open_run(tmp_path / "my-ae").card
    assert card["pixels"].startswith("0 or 1" if pixels else "grey")
    for what in (tmp_path / "my-ae", tmp_path / "my-ae" / "model.safetensors"):
        code, out, _ = run("evaluate", what, "--json")
        assert code == 0
        result = json.loads(out.splitlines()[-1])
        assert result == {"dataset": "digits", "figures": card["figures"]}


def test_a_file_that_does_not_name_its_data_needs_to_be_told(run, tmp_path):
    path = aecore.build_model("ae", hidden=[8]).save(tmp_path / "model.safetensors")
    code, _, error = run("evaluate", path)
    assert code == 2
    assert "Add --dataset" in error
    code, out, _ = run("evaluate", path, "--dataset", "digits", "--json")
    assert code == 0
    assert json.loads(out)["figures"]["reconstruction"] > 0


def test_evaluate_estimates_nll_with_as_many_draws_as_are_asked_for(run, tmp_path):
    path, data = tmp_path / "my-vae", aecore.load_dataset("digits").binarised()
    assert run("train", "vae", *QUICK, "--binarised", "yes", "--out", path)[0] == 0
    code, out, _ = run("evaluate", path, "--draws", 50, "--images", 20, "--json")
    assert code == 0
    model = open_run(path).model()
    nll = importance_weighted_nll(model, data.test.images[:20], k=50)
    found = json.loads(out.splitlines()[-1])
    assert found == {"dataset": "digits", "images": 20, "draws": 50, "nll": nll}


def test_evaluate_of_a_classifier(run, tmp_path):
    quick = ["--dataset", "digits", "--epochs", "1"]
    assert run("train", "classifier", *quick, "--out", tmp_path / "judge")[0] == 0
    code, out, _ = run("evaluate", tmp_path / "judge", "--json")
    assert code == 0
    assert set(json.loads(out)["figures"]) == {"loss", "error"}


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["train", "vea"], "no model 'vea'"),
        (["train", "ae", "--dataset", "mnits"], "no dataset 'mnits'"),
        (["train", "ae", "--beta", "2"], "no option 'beta'"),
        (["train", "ae", "--epochs", "0"], "epochs must be"),
        (["train", "ae", "--latent-dim", "0"], "latent_dim must be"),
        (["train", "ae", "--hidden", "0"], "Each size in hidden"),
        (["train", "ae", "--learning-rate", "nan"], "learning_rate must be"),
        (["train", "ae", "--network", "rnn"], "no network 'rnn'"),
        (["train", "ae", "--out", "Not A Name"], "1 to 64 of a-z"),
        (["train", "ae", "--seed", "-1"], "seed must be"),
        (["train", "ae", "--dataset", "mnist"], "python -m aecore download mnist"),
        (["evaluate", "absent"], "There is no run 'absent'"),
        (["evaluate", "absent.safetensors"], "cannot be read"),
        (["evaluate", "mnist-vae", "--dataset", "mnits"], "no dataset 'mnits'"),
        (["evaluate", "mnist-ae", "--dataset", "digits", "--draws", "5"], "no posterior"),
        (["evaluate", "mnist-classifier", "--dataset", "digits", "--draws", "5"], "no posterior"),
        (["evaluate", "mnist-vae", "--images", "5"], "--images belongs to --draws"),
        (["download", "mnits"], "no dataset 'mnits'"),
        (["pretrain", "mnist-gan"], "no recipe 'mnist-gan'"),
    ],
    ids=" ".join,
)
def test_a_mistake_is_one_sentence_and_exit_code_2(run, command, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LATENT_LAB_DATA", str(tmp_path / "no data"))
    code, out, error = run(*command, "--json")
    assert (code, out) == (2, "")
    assert words in error
    lines = [line for line in error.splitlines() if "epoch" not in line or words in line]
    assert len(lines) == 1
    assert not list(tmp_path.rglob("config.json"))


@pytest.mark.parametrize(
    "command", [[], ["trian"], ["train"], ["train", "ae", "--epochs", "many"], ["evaluate"],
                ["evaluate", "mnist-vae", "--draws", "0"],
                ["evaluate", "mnist-vae", "--images", "x"],
                ["train", "ae", "--hidden", "a,b"]], ids=" ".join
)  # fmt: skip
def test_a_command_that_is_none_shows_its_usage(run, command):
    code, out, error = run(*command)
    assert (code, out) == (2, "")
    assert error.startswith("usage: python -m aecore")


def test_ctrl_c_keeps_what_was_learned(run, tmp_path, monkeypatch):
    import aecore.training

    def interrupted(*args, **kwargs):
        records = good(*args, **kwargs)
        yield next(records)
        raise KeyboardInterrupt

    good = aecore.training.fit
    monkeypatch.setattr(aecore.training, "fit", interrupted)
    code, out, error = run("train", "ae", *QUICK, "--out", tmp_path / "my-ae", "--json")
    assert code == 0
    assert "Stopped; keeping what was learned" in error
    opened = open_run(tmp_path / "my-ae")
    assert len(opened.records()) == 1
    assert json.loads(out)["figures"] == opened.card["figures"]


def test_a_diverging_run_keeps_its_last_good_weights(run, tmp_path, monkeypatch):
    from aecore.families.ae import AE

    good = AE.losses

    def broken(self, *args, **kwargs):
        return {name: term * float("nan") for name, term in good(self, *args, **kwargs).items()}

    monkeypatch.setattr(AE, "losses", broken)
    code, out, error = run("train", "ae", *QUICK, "--out", tmp_path / "my-ae")
    assert (code, out) == (2, "")
    assert "no longer a number" in error
    assert str(tmp_path / "my-ae") in error
    assert open_run(tmp_path / "my-ae").model().options["hidden"] == [16]
