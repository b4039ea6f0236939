"""The family: each member's title, idea and formula, and what its figures say.

Formulas are written as `assets/live/core/formula.js` reads them.
"""

from aecore.ui.text.en.units import DIGITS, level

# Title, the same in a few letters, the one idea, and the formula.
MEMBERS = {
    "linear": (
        "Linear",
        "Linear",
        "Straight lines only: PCA’s plane",
        "{xh} = U V {x}, min ‖{x} − {xh}‖^2",
    ),
    "ae": (
        "Autoencoder",
        "AE",
        "A code smaller than the image",
        "ℒ = −log p({x} | {z}), {z} = f({x})",
    ),
    "overcomplete": (
        "Overcomplete",
        "Overcomplete",
        "A code larger than the image",
        "dim {z} > 784 = dim {x}",
    ),
    "sparse": (
        "Sparse",
        "Sparse",
        "Few units fire at once",
        "ℒ = −log p({x} | {z}) [+ λ Σ_j KL(ρ ‖ {zb}_j)]",
    ),
    "contractive": (
        "Contractive",
        "Contractive",
        "Small steps hardly move the code",
        "ℒ = −log p({x} | {z}) [+ λ ‖∂{z}/∂{x}‖^2_F]",
    ),
    "denoising": (
        "Denoising",
        "DAE",
        "Spoiled in, clean out",
        "ℒ = −log p({x} | f([{xt}])), {xt} ~ q({xt} | {x})",
    ),
    "stacked": (
        "Stacked",
        "Stacked",
        "One layer learned at a time",
        "layer ℓ: min ‖h_(ℓ−1) − g_ℓ(f_ℓ(h_(ℓ−1)))‖, then all together",
    ),
    "tied": (
        "Tied",
        "Tied",
        "The decoder is the encoder, turned",
        "{xh} = sigmoid([W^⊤] sigmoid(W{x} + b) + c)",
    ),
    "variational": (
        "Variational",
        "VAE",
        "A cloud in place of a point",
        "ℒ = −E log p({x} | {z}) [+ KL(q({z} | {x}) ‖ N(0, I))]",
    ),
    "beta": (
        "β-VAE",
        "β-VAE",
        "The prior weighs more, or less",
        "ℒ = −E log p({x} | {z}) + [β] KL(q({z} | {x}) ‖ N(0, I))",
    ),
    "conditional": (
        "Conditional",
        "CVAE",
        "The class is told, not coded",
        "ℒ = −E log p({x} | {z}, [y]) + KL(q({z} | {x}, [y]) ‖ N(0, I))",
    ),
    "m1m2": (
        "M1 and M2",
        "M1, M2",
        "Most labels are guessed",
        "ℒ_u = [Σ_y q(y | {x})] ℒ({x}, y) − H(q(y | {x}))",
    ),
    "iwae": (
        "IWAE",
        "IWAE",
        "Many draws tighten the bound",
        "ℒ_k = −E log [1/k Σ_i] p({x}, {z}_i) / q({z}_i | {x})",
    ),
    "adversarial": (
        "Adversarial",
        "AAE",
        "A critic shapes the codes",
        "ℒ = −log p({x} | {z}) [− log D({z})]",
    ),
}

# What the slider of a member steps through, and its symbol.
SLIDERS = {
    "ae": ("Numbers in the code", ""),
    "sparse": ("Mean activation asked for", "ρ"),
    "contractive": ("Weight of the penalty", "λ"),
    "denoising": ("Noise in training", "s"),
    "variational": ("Numbers in the code", ""),
    "beta": ("Weight of the KL", "β"),
    "m1m2": ("Kind", ""),
    "iwae": ("Draws in the bound", "k"),
}


def stop(value: float, off: bool) -> str:
    """A stop of a slider, as it stands below it and in the address.

    Example:
        >>> stop(0.2, off=False), stop(0.05, off=True), stop(32, off=False)
        ('.20', 'off', '32')
    """
    if off:
        return "off"
    return f"{value:.2f}".removeprefix("0") if 0 < value < 1 else level(value) if value else "0"


LIVE: dict[str, dict[str, str | dict[str, str]]] = {
    "components/family/family": {
        "measured": "Measured on {images} test images of MNIST",
        "runs": "Of the runs {chosen} and {against}.",
        "fires": "A unit fires above one half.",
        "png": "Save the images as a PNG",
        "csv": "Save the errors and the measures as a CSV",
        "unrun": "No run of this kind yet.",
        "train": "Train one",
        "left_out": "No run of {title} is shipped, so its images are left out.",
        "left_out_at": "No run at {symbol} = {value} is shipped, so its images are left out.",
        "see_figure": "Its figure shows what the idea changes.",
        "see_member": "Choose it to see its figure.",
        "see_stops": {"one": "There is one at {stops}.", "other": "There are some at {stops}."},
    },
    "components/family/family_map": {
        "family": (
            "The family. Arrow keys follow the lines, Enter chooses, Shift and Enter sets against."
        ),
        "line": "A line adds one idea.",
        "follow": "{keys} follow the lines",
        "chosen": "chosen",
        "against": "against",
        "root": "{title}: {idea}. The first of the family.",
        "child": "{title}: {idea}. Child of {parent}.",
        "all": "Show the whole family",
        "fewer": "Show those near it",
    },
    "components/family/bar": {
        "against": "against",
        "others": "Others",
        "next": "The next four test images",
        "value": "{label} {symbol} {value}",
    },
    "components/family/pair_table": {
        "image": "image",
        "caption": "{digit}, no. {index}",
        "mean": "Mean of {images} test images of MNIST",
        "note": "Error: squared, summed over 784 pixels.",
        "press": "Press an image to see what becomes of it.",
        "label": "{caption}. Error {errors}.",
        **DIGITS,
    },
    "components/family/measures": {
        "measure": "Measure",
        "says": "What it says",
        "squared_error": "Squared error per image",
        "squared_error_says": "{better} rebuilds more closely, by {lead}.",
        "firing": "Units that fire for an image, mean",
        "firing_says": "One in {first}, against one in {second}.",
        "mean_activation": "Mean activation",
        "mean_activation_says": "Asked for {rho}: the price λ holds it near that, not at it.",
        "silent": "Units that fire for no image",
        "silent_says": "A sparse code leaves some units without work.",
        "linear_reader_100": "Linear reader on the code, 100 labels",
        "linear_reader_1000": "The same, 1,000 labels",
        "reader_says": "{better} is easier to read, by {lead} points.",
        "reader_alike": "As easy to read, to within a point.",
        "jacobian_norm": "Norm of the Jacobian, mean",
        "jacobian_norm_says": "A small step moves the code of {better} less.",
        "saturated": "Activations within .05 of 0 or 1",
        "saturated_says": "Where a unit is saturated, no step moves it.",
        "noise_copied": "Noise that comes back, share of its energy",
        "noise_copied_says": "What was never seen is copied only with room for it.",
        "linear_error": "Squared error, not cut off at 0 and 1",
        "linear_error_alone": "To be held against PCA’s, in the next row.",
        "pca_error": "The same of PCA with as many components",
        "pca_error_alone": "Straight lines can hardly leave less.",
        "knn_accuracy": "10-nearest-neighbour accuracy of codes",
        "knn_says": "Classes lie better apart in the codes of {better}.",
        "negative_elbo": "−ELBO, nats",
        "negative_elbo_says": "{better} describes an image in {lead} nats less.",
        "negative_elbo_alone": "{own} alone has a bound on −log p(x).",
        "kl": "KL to the prior, nats",
        "kl_says": "{better} spends less on its code, by {lead}.",
        "kl_alone": "What a code of {own} costs.",
        "accuracy": "Test digits read rightly",
        "accuracy_alone": "{own} infers the class; {other} does not.",
        "leakage": "Class read from the code, linearly",
        "leakage_says": "The class is told, so the code need not hold it; chance is .10.",
        "read_as_asked": "Drawn digits read as asked",
        "read_as_asked_alone": "{own} is asked for a class; {other} is not.",
    },
    "components/family/figures/sparse": {
        "fire": "{fired} of {units} units fire for this {digit}",
        "unfit": "{title} has no sigmoid code whose units could stand here.",
        "note": (
            "Units stand beside the digit that they answer to most. Point at one to see what it "
            "looks for; the same place is another unit in another run."
        ),
        "five": "The same {digit} at {count} strengths",
        "five_note": (
            "{count} runs that differ in {rho} alone: what each draws, and the units that fire "
            "for it."
        ),
        "strength": "{fired} units fire, error {error}",
        "off": "off",
        "asked": (
            "Asked for a mean activation of {rho}, this {digit} fires {fired} of {units} units, "
            "not {other}."
        ),
        "one": "Without the penalty the two are one model.",
        "alone": "This {digit} fires {fired} of {units} units.",
        "buys": (
            "That costs sharpness, a mean error of {error} and not {error_other}, and buys a code "
            "that is easier to read: with 100 labels a linear classifier reads {reader}\xa0% of "
            "the test digits from it, not {reader_other}\xa0%."
        ),
        "costs": (
            "That costs sharpness, a mean error of {error} and not {error_other}; a linear "
            "classifier reads as much from either."
        ),
        "sharpness": "The mean error is {error}, and not {error_other}.",
        "dead": "{dead} units fire for no image.",
        **{
            f"number_{n}": word
            for n, word in enumerate(["two", "three", "four", "five", "six"], start=2)
        },
    },
    "components/family/figures/unit_grid": {
        "grid": "{title}: units. Arrow keys go from unit to unit.",
        "unit": "Unit {unit}",
        "here": "{value} here",
        "average": "{value} on average",
        "most": "most for {digit}s",
        "histogram": "Mean activation of a unit over {images} test images",
        "units": "units",
        "rho": "ρ = {value}",
        "spoken": "Unit {unit}: {value} here",
    },
    "components/family/figures/contractive": {
        "at": "at test image no. {index}",
        "step": "What a step moves the code",
        "axes": "Half-axes: the code’s step for a step of 1 in the image.",
        "first": "1st",
        "tenth": "10th direction",
        "spectrum": "Singular values of J = ∂{z}/∂x",
        "directions": "Direction, strongest first",
        "keeps": "keeps most",
        "most": "Here a step of 1 moves the code by {most} at most, and not by {other}.",
        "alone": "Here a step of 1 moves the code by {most} at most.",
        "mean": (
            "On average over test images ‖J‖ is {norm} and not {norm_other}, and the error "
            "{error} and not {error_other}."
        ),
        "one": "Without the penalty the two are one model.",
    },
    "components/family/figures/linear": {
        "beside": "beside PCA of the same images",
        "pca": "PCA",
        "components": "components 1 to {count}",
        "linear": "Linear AE",
        "nearest": "nearest in its plane",
        "columns": "its own columns",
        "angles": "Principal angle, from the best shared direction to the last",
        "some": (
            "{near} of its {count} directions lie in PCA’s plane, to within 1°; its error is "
            "{error} and PCA’s {pca}. Within that plane nothing tells one axis from another, so "
            "its own columns are mixtures."
        ),
        "all": (
            "All {count} directions lie in PCA’s plane, to within 1°; its error is {error} and "
            "PCA’s {pca}. Within that plane nothing tells one axis from another, so its own "
            "columns are mixtures."
        ),
    },
    "components/family/figures/overcomplete": {
        "unseen": "noise that it never saw, and a digit",
        "shown": "shown",
        "numbers": "{count} numbers",
        "narrow": "autoencoder",
        "overcomplete": "overcomplete",
        "masked": "trained on half of the pixels",
        "noise": "noise",
        "digit": "the {digit}, no. {index}",
        "copied": "{share} copied",
        "error": "error {error}",
        "again": "New noise",
        "copies": (
            "With room for every pixel, {share} of noise it never saw comes back: it has learned "
            "to copy, not what a digit is."
        ),
        "some": "With room for every pixel, {share} of noise it never saw comes back.",
        "cured": "Trained on images with half of the pixels masked, it copies {share}.",
        "still": "Trained on images with half of the pixels masked, it still copies {share}.",
    },
    "components/family/figures/stacked": {
        "network": "{sizes} units",
        "error": "Squared error, test images",
        "updates": "Updates",
        "layer": "layer {number}",
        "way_none": "from scratch",
        "way_ae": "layer by layer",
        "way_dae": "from noisy layers",
        "way_rbm": "from RBMs",
        "before": "{error} before all layers learn together",
        "unmeasured": "How its error falls with each way of pretraining was not measured yet.",
        "after": (
            "After {step} updates the net that began layer by layer has an error of {stacked}, the "
            "one from scratch {scratch}."
        ),
        "reached": (
            "That one took {updates} to come where {pretraining} updates of single layers end: "
            "{error}."
        ),
        "unreached": (
            "It has not yet come where {pretraining} updates of single layers end: {error}."
        ),
        "ends": "After {step} updates of longer trainings: {stacked} and {scratch}.",
    },
    "components/family/figures/beta": {
        "code": "a code of {count} numbers, trained once for each β",
        "images": "The images are of runs with a code of {count} numbers.",
        "plane": "What a code costs, and what it leaves",
        "kl": "KL to the prior, nats",
        "reconstruction": "reconstruction, nats",
        "slope": "The curve’s slope is about −β: a nat of KL buys β of reconstruction.",
        "dimensions": "KL of each number of the code",
        "nats": "nats",
        "dimension": "Number of the code, the dearest first",
        "unused": "unused",
        "unmeasured": "What each weight costs was not measured yet.",
        "same": "With β = 1 it is the VAE: the two are one model.",
        "vae": (
            "β = 1 is the VAE: its code uses {used} of {count} numbers and {kl} nats of KL, and "
            "an image is rebuilt with a squared error of {error}."
        ),
        "uses": (
            "At β = {beta} the code uses {used} of {count} numbers and {kl} nats of KL, not "
            "{used_one} and {kl_one} as the VAE’s."
        ),
        "costs": (
            "That costs {nats} nats of reconstruction: a squared error of {error}, not {error_one}."
        ),
        "buys": (
            "That buys {nats} nats of reconstruction: a squared error of {error}, not {error_one}."
        ),
        "alone": "At β = {beta} the code uses {used} of {count} numbers and {kl} nats of KL.",
        "used": "A number is used if its KL is above .01 nats.",
    },
    "components/family/figures/importance": {
        "network": "{sizes} units, {tested} binarised test images",
        "network_grey": "{sizes} units, {tested} test images",
        "bound": "−log p(x) by so many draws, nats per image",
        "draws": "Draws k",
        "tag": "k = {k}",
        "one": "VAE",
        "many": "IWAE, {draws} draws",
        "curve": "The same of fewer images, as training goes on",
        "epochs": "Epochs",
        "follows": "The IWAE begins where the VAE ends.",
        "unmeasured": "How tight its bound is was not measured yet.",
        "elbo": "One draw is the ELBO: by it an image takes {ends}.",
        "at": "By {k} draws an image takes {ends}; by one {firsts}.",
        "end": "{nats} nats of the {name}",
        "iwae": "IWAE",
        "loose": (
            "From one draw to {last} the VAE’s falls by {fall}: so many of its nats were the "
            "bound’s, not the model’s."
        ),
        "better": "By the tightest the IWAE is the better model by {lead} nats.",
        "alike": "By the tightest the two models are within {lead} nats.",
        "worse": "By the tightest the VAE is the better model by {lead} nats.",
    },
    "components/family/figures/gradient": {
        "title": "Cross-entropy or squared error",
        "unit": "one sigmoid unit whose pixel is 1; shaded: saturated, and wrong",
        "formula": "{xh} = sigmoid(a), ∂CE/∂a = {xh} − {x}, ∂SE/∂a = 2({xh} − {x}) {xh}(1 − {xh})",
        "activation": "Pre-activation a",
        "length": "length of the gradient",
        "entropy": "cross-entropy",
        "squared": "squared error",
        "wrong": (
            "At a = {a} the unit says {drawn} where the pixel is 1. Cross-entropy pushes it with "
            "{entropy}, the squared error with {squared}, {times} times less: by that one, the "
            "more wrong it is, the less it learns."
        ),
        "between": (
            "At a = {a} the unit says {drawn} where the pixel is 1. Cross-entropy pushes it with "
            "{entropy}, the squared error with {squared}, {times} times less."
        ),
        "right": (
            "At a = {a} the unit says {drawn} where the pixel is 1: it is right, and both leave it "
            "alone, with {entropy} and {squared}."
        ),
    },
    "components/family/figures/tied": {
        "beside": "what a unit looks for, and what it draws",
        "tied": "Tied",
        "free": "Autoencoder",
        "looks": "looks for",
        "draws": "draws",
        "agree": "agree by",
        "half": (
            "Tied, a unit draws what it looks for, with half of the weights: {tied} of {free}."
        ),
        "alike": (
            "Left free, the two come to resemble each other all the same, by {r} on average over "
            "{units} units."
        ),
        "apart": "Left free, the two agree by {r} on average over {units} units.",
    },
    "components/family/figures/door": {
        "more": "Open {page}",
    },
}
