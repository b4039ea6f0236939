"""The sentences of the components that run in the browser, for each module of `assets/live`.

A name in braces is filled in there (`assets/live/core/words.js`). A template with forms by the
number ``count`` has the forms of `Intl.PluralRules`.
"""

from aecore.data.picture_file import MOST_BYTES, MOST_JPEG, MOST_PNG
from aecore.ui.text.en import family
from aecore.ui.text.en.units import DIGITS

LANGUAGE = "en-GB"

Template = str | dict[str, str]

PARTS = ["third", "quarter", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"]
NUMBERS = [
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]

WORDS: dict[str, dict[str, Template]] = {
    "core/words": {
        "percent": "{share}\N{NO-BREAK SPACE}%",
        "less_than_one": "less than 1\N{NO-BREAK SPACE}%",
    },
    "core/component": {
        "again": "Try again",
        "broken": "This could not be shown.",
    },
    "core/content": {
        "missing": "A part of this page did not arrive. Reload the page to try again.",
    },
    "core/nn": {
        "missing": "The model did not arrive. Reload the page to try again.",
        "unusable": (
            "This model's file describes a network that cannot be run here. Train the model again, "
            "or add its file again."
        ),
    },
    "core/request": {"unanswered": "The server did not answer. Try again."},
    "components/home/home": {
        "put": "Put in image {index}",
        "image": "{x} an image",
        "encoder": "encoder f",
        "decoder": "decoder g",
        "by_hand": "Not asked: you chose z by hand.",
        "encoded": "The encoder turned it into z.",
    },
    "charts/accuracy_chart": {"all": "all {count}"},
    "components/few_labels/few_labels": {
        "title": "Accuracy against labels",
        "note": "{tested} test images; band: one standard deviation over draws of the labels",
        "axis": "Images that have a label",
        "slider": "Number of images that have a label",
        "labels": "{count} labels",
        "all": "all labels",
        "sd": "± {sd}",
        "png": "Save the lines and the images as a PNG",
        "csv": "Save the accuracies as a CSV, a row for each draw",
    },
    "components/few_labels/labelled": {
        "again": "Another draw",
        "title": "The {count} labels",
        "title_all": "All labels",
        "each": "Ten of each class, draw {draw} of {draws}.",
        "some": "{each} of {of} of each class shown, draw {draw} of {draws}.",
        "some_of_all": "The first {each} of each class.",
        "others": "All other images stay unlabelled.",
        "stand_in": "Of {title}: MNIST, which the lines are of, is not on this machine.",
        "lost": "The labelled images did not arrive. Reload the page to try again.",
        "image": "Training image {index}, {digit}",
        **DIGITS,
    },
    "components/few_labels/standing": {
        "count": "With {labels} labels",
        "count_all": "With all labels",
        "both": (
            "{count} {best} reads {share}\N{NO-BREAK SPACE}% of the test digits and a classifier "
            "on the pixels {pixels}\N{NO-BREAK SPACE}%."
        ),
        "needed": (
            "Pixels alone need about {needed} labels for as much: the other {others} images, which "
            "nobody labelled, are worth the difference."
        ),
        "beyond": "Pixels alone do not get there with all {images}.",
        "all": (
            "With all labels the pixels read {pixels}\N{NO-BREAK SPACE}% and {best} "
            "{share}\N{NO-BREAK SPACE}%: little is left for the unlabelled to teach."
        ),
        "pixels": (
            "{count} a classifier on the pixels reads {pixels}\N{NO-BREAK SPACE}% of the test "
            "digits."
        ),
        "unbeaten": "Nothing else that was measured there beats it.",
        "only": "Nothing else was measured there.",
        "alone": "{count} {best} reads {share}\N{NO-BREAK SPACE}% of the test digits.",
        "none": "{count} nothing was measured.",
    },
    "components/few_labels/guesses": {
        "choice": "Test digits",
        "shown": "Test images of {title}: one of each class, and four that it doubts or misreads.",
        "others": "Others",
        "next": "Others of the test images",
        "digit": "Test image {index}, {label}",
        "misread": "Test image {index}, {label} that is read as {read}",
        "image": "test image no. {index}, {digit}",
        **DIGITS,
        "likely": "how likely each label is",
        "as": "if it were a …",
        "below": "below: nats it takes to describe {x} so; least is best",
        "least": "{nats} least",
        "drawn": "Drawn as {digit}: {nats} nats",
    },
    "components/few_labels/ten_guesses": {
        **DIGITS,
        "wrong": ("{name} reads this {label} as {digit} ({sure}) and gives the true label {less}."),
        "right": "{name} reads this {label} as {digit} ({sure}), then {other} ({less}).",
        "nats": (
            "Described as {first} the image takes {first_nats} nats, as {second} it takes "
            "{second_nats}."
        ),
        "decide": (
            "Described as {first} the image takes {first_nats} nats, as {second} it takes "
            "{second_nats}: {apart} nats decide."
        ),
        "otherwise": "The nats would say {least}: q decides by its own term.",
    },
    "components/panel/panel": {
        "classes": "Classes shown",
        "class": "Show or hide {label}",
        "hint": "{keys} move the point, a click pins it",
        "png": "Save the planes as a PNG",
        "nearest": "Nearest test image {x}",
        "rebuild": "{name} rebuild {xh}",
        "gaps": "Shaded parts of a plane are gaps: no training code is near.",
        "gaps_of_many": "Gaps are shaded in two dimensions only; distances count all dimensions.",
        "missing": "The image itself is shown once its dataset is downloaded on the page Train.",
        "linked": "no. {index}, {digit}",
        **DIGITS,
        "nats": "{value} nats",
        "nats_bernoulli": "{value} nats of cross-entropy",
        "nats_gaussian": "{value} nats of squared error",
    },
    "plane/model_view": {
        "plane": (
            "{title}: plane of codes. Arrow keys move the point, plus and minus zoom, 0 resets."
        ),
        "drawn": "{xh} what it draws",
        "read": "What a classifier reads",
        "near": "{z} near test image {index}",
        "in_gap": "in a gap",
        "on_data": "on the data",
        "distance": (
            "Nearest of {all} training codes: {away} away, {times} times what is typical; "
            "99\N{NO-BREAK SPACE}% of test codes are within {radius}."
        ),
        "distance_alone": (
            "Nearest of {all} training codes: {away} away; half of the test codes lie on one."
        ),
        "decoded": "Decoded image at {place}",
        "improvised": "No training code is near: the decoder improvises.",
        "sure": "A classifier reads {digit} here, and is sure of it ({share}).",
        **DIGITS,
        "unsure": "A classifier hesitates here: {first} ({most}), {second} ({less}).",
        "sentence": "{title}: {state}",
        "state_in_gap": "{place}, in a gap.",
        "state_on_data": "{place}, on the data.",
        "grid": "{across} × {up} decoded points",
    },
    "plane/zoom_buttons": {
        "in": "Zoom in",
        "out": "Zoom out",
        "all": "Show all",
        "of_plane": "{label}: {title}",
        "in_view": "{seen} of {all} test images in view",
    },
    "plane/projection_select": {
        "axes": "Dimensions",
        "plane": "Plane: {title}",
        "across": "Across: {title}",
        "up": "Up: {title}",
        "pair": "{across} across, {up} up, of {count} dimensions",
        "missing": (
            "The link asks for {name}, which {title} does not have; this is dimensions "
            "{across} and {up}."
        ),
        "unknown": "The link names no plane that there is; this is dimensions {across} and {up}.",
    },
    "charts/noise_chart": {"level": "Noise level {symbol}"},
    "charts/class_bands": {
        "title": "Probability of each class",
        "read": "{title}: read along the way as {digits}.",
    },
    "components/strips/strips": {
        "counted": "{sure} of {all} read with .90 or more.",
        "read": "Read as {digit}, {share}",
    },
    "charts/loss_chart": {"value": "{name} {value}"},
    "plane/point_tooltip": {"image": "class {label}, test image {index}"},
    "components/train/queue": {"trained": "Trained"},
    "components/train/train": {
        "empty": "No run yet. Choose a model on this page and press Train.",
        "live": "live",
        "row": "Runs beside each other",
        "codes": "Codes of test images",
        "codes_of": "Codes of {images} test images",
        "decoded": "Each plane decoded, from the 1st to the 99th percentile of its codes.",
        "chart": "{title} by epoch",
        "chart_title": "{title}, test images",
        "unit": "nats per image",
        "series_line": "{symbol} {value}:",
        "machine": "Time machine",
        "machine_note": "Drag back to any moment of the run. Each picture has its own scale.",
        "slider": "Time machine: moment of the training",
        "moment": "epoch {epoch} of {epochs}",
        "start": "start",
        "before": "Before training",
        "epoch": "Epoch {epoch}",
        "shows": "What the plane shows",
        "points": "Points",
        "images": "Images",
        "which_plane": "Which plane",
        "pca": "PCA",
        "log": "Log scale",
        "play": "Play",
        "pause": "Pause",
        "rebuilt": "Reconstructions",
        "rebuilt_now": "Reconstructions now",
        "rebuilt_end": "Reconstructions at the end",
        "rebuilt_at": "Reconstructions at epoch {epoch}",
        "nats": "{value} nats per image",
        "nats_training": "{value} nats per training image",
    },
    "components/train/run_view": {
        "stop": "Stop and keep",
        "stop_short": "Stop",
        "continue": "Continue",
        "stopping": "stopping",
        "training_of": "Training of {title}",
        "epoch": "Epoch {epoch} of {epochs}",
        "left": "{time} left",
        "starts_next": "Number {position} in the queue, starts next",
        "starts_in": "Number {position} in the queue, starts in about {time}",
        "bare": "This model came as a file, without the moments of its training.",
        "setting": "{symbol} = {value}",
        "losses": "Loss on test images",
        "losses_short": "Loss",
        "losses_note": "nats per image; thin: training images",
        "losses_chart": "Loss by epoch",
        "others": "Other terms",
        "others_chart": "Other terms of the loss by epoch",
        "bars": "{title} of each dimension at the end, in {unit}",
        "bars_most": "{title} of {shown} of {all} dimensions at the end, the largest, in {unit}",
        "bars_short": "{title} at the end, {unit}",
        "codes_plane": "Codes of test images",
        "end_codes": "Codes at the end on another plane",
        "end_plane": (
            "{title} of the codes at the end; it has no moments. Distances on it mean little."
        ),
        "codes": "Codes, {code} of {images} test images",
        "codes_of": "Codes, {code} of test images",
        "decoded": "The plane decoded",
        "grid": "Decoded from {left} to {right} across and {bottom} to {top} up.",
        "grid_own": (
            "Decoded from {left} to {right} across and {bottom} to {top} up on the two widest "
            "directions of this moment’s own codes."
        ),
    },
    "images/filmstrips": {
        "read": "Read as {digit}, {share}",
        "gap": "{share} in a gap",
        "way_pixels": "(1 − α) {x} + α {x2}′",
        "way_lerp": "straight line in {z}",
        "way_slerp": "arc around the origin",
        "way_drawn": "along the drawn path",
        "way_follows": "encodes what is drawn there",
    },
    "images/source": {
        "lost": "The test images did not arrive. Reload the page to try again.",
    },
    "images/upload": {
        "choose": "Choose a picture",
        "drop": "of one digit, or drop it here.",
        "limits": (
            f"At most {MOST_BYTES // 10**6} MB; JPEG to {MOST_JPEG // 10**6}, "
            f"PNG to {MOST_PNG // 10**6} megapixels"
        ),
        "too_large": (
            f"This file has {{size}} MB where at most {MOST_BYTES // 10**6} MB can be read. "
            "Crop the picture to the digit or save it smaller."
        ),
        "lost": "The picture did not reach the server. Choose it once more.",
        "refused": "{name}: {reason}",
    },
    "images/drawing_pad": {
        "pad": "Drawing pad. Arrow keys move the pen, Space puts it down and lifts it.",
        "invitation": "Draw a digit with the mouse, a pen or a finger.",
        "keys": (
            "{arrows} move the pen, {space} puts it down or lifts it, {undo} takes back a stroke."
        ),
        "space": "Space",
        "control": "Ctrl",
        "command": "⌘",
        "fitted": (
            "It is fitted into 20 × 20 pixels and centred, as MNIST’s digits were, with a pen as "
            "broad as theirs."
        ),
        "clear": "Clear",
        "undo": "Undo",
        "undo_what": "Take back the last stroke, or what was cleared",
        "down": "The pen is down.",
    },
    "components/denoise/denoise": {
        "errors": "Squared error by noise level. {verdict}",
        "drifts": "Movement of codes by noise level. {moved}",
        "trained": "{mark} the noise a model was trained with",
        "crossed": "{mark} two lines cross: from here on the lower one draws better",
        "missing": "missing: less ink than in {x}",
        "added": "added: more",
        "figures": (
            "Error: squared, summed over 784 pixels. PSNR: 10 log{base}(784 / error). {check} the "
            "least of its row."
        ),
        "differences": "Differences",
        "error": "Error against noise",
        "code_space": "In code space",
        "movement": "How far noise moves a code; 1 is as far as another image’s.",
        "png": "Save the images as a PNG",
        "csv": "Save the curves of every kind of noise as a CSV",
        "no_drawing": "Draw a digit on the pad above.",
        "no_picture": "Choose a picture of one digit above.",
        "noisy": "noisy",
        "another": "another image’s code",
        "measured": "Squared error per image, mean of {images}",
    },
    "components/denoise/clean_images": {
        "sources": "Where images come from",
        "others": "Others",
        "next": "The next four test images",
        "one": "One image under four draws of the noise.",
        "image": "{digit}, no. {index}",
        **DIGITS,
        "draw": "noise draw {number}",
    },
    "components/denoise/noise_bar": {
        "level": "Noise level",
        "again": "New noise",
        "kind": "Kind of noise",
        "value": "{level}, {meaning}",
    },
    "components/denoise/image_table": {
        "clean": "clean",
        "noisy": "noisy",
        "mean_of": "Mean of {images}",
        "mean": "Mean",
        "differences": "Differences from the clean image: blue is missing, orange is added.",
    },
    "components/denoise/filters": {
        "png": "Save the grids as a PNG",
        "scale": "weight {least}{ramp}{most}",
        "unit": "Unit {unit}",
        "unit_label": "{unit}. {readings}",
        "extent": {"one": "Extent {count} pixel", "other": "Extent {count} pixels"},
        "spot": {
            "one": "Strongest spot {count} pixel",
            "other": "Strongest spot {count} pixels",
        },
        "agreement": "Neighbours correlate {r}",
        "shape": "a shape",
        "noise": "like noise",
    },
    "components/denoise/spiral_demo": {
        "plane": "Plane with a curve. Arrow keys move the noisy point, with Shift in larger steps.",
        "png": "Save the plane as a PNG",
        "curve": "the curve of {x}",
        "cloud": "{points} noisy points {xt}",
        "arrows": "arrows {step}, a third as long; faint: hardly any training there",
        "level": "Noise in training {s}",
        "levels": "Noise level in training, s",
        "further": "{xh}, {steps} more steps",
        "distance": "Squared distance from the curve",
        "hint": "{keys} move the point, a click pins it",
        "sentence": (
            "The noisy point {from} is {before} from the curve; one step leads to {to}, {after} "
            "from it."
        ),
        "trained": "Trained with noise s = {level}",
        "distances": "Squared distance from the curve: {before}, after one step {after}",
    },
    "components/denoise/verdict": {
        "unmeasured": "None of these models was measured under this noise.",
        "clean": (
            "Without noise there is nothing to mend. {best} changes the image least: an error of "
            "{error}."
        ),
        "clean_most": (
            "{name} changes it by {error}: it learned to pull points back, not to keep them."
        ),
        "leave": (
            "At this level it is better to leave the image alone: an error of {alone}. The best "
            "here, {best}, has {error}."
        ),
        "from": "From {level} on {name} is better than that.",
        "best": "At this level the best is {best}: {share}.",
        "below": "Below {level} it is better to leave the image alone than to use it.",
        "below_denoiser": (
            "Below {level} it is better to leave the image alone than to use it: it learned to "
            "pull points back, not to keep them."
        ),
        "strangers": {
            "one": "{name} was not trained with this noise.",
            "other": "None of the DAEs was trained with this noise.",
        },
        "whose_model": "the error of {name}",
        "whose_noisy": "the noisy image’s error",
        "times": "{times} times {whose}",
        "as_large": "its error is about as large as {whose}",
        "nine_tenths": "nine tenths of {whose}",
        "four_fifths": "four fifths of {whose}",
        "three_quarters": "three quarters of {whose}",
        "two_thirds": "two thirds of {whose}",
        "part_2": "half {whose}",
        **{
            f"part_{n}": f"{'an' if part[0] == 'e' else 'a'} {part} of {{whose}}"
            for n, part in enumerate([*PARTS, "twelfth"], start=3)
        },
        "less": "less than a twelfth of {whose}",
        "still": "Without noise no code moves.",
        "moved_two": (
            "At this level the code of {plain} moves {far} of the way to another image’s; with "
            "{best} it moves {less}."
        ),
        "moved_only": (
            "At this level the code of {plain} moves {far} of the way to another image’s; with "
            "{best} it moves only {less}."
        ),
        "moved_one": "At this level the code of {name} moves {far} of the way to another image’s.",
        "moved_many": (
            "At this level the code of {least} moves least, {less} of the way to another image’s; "
            "that of {most} {far}."
        ),
    },
    "plane/path_plane": {
        **{
            f"keys_{mode}": f"{{title}}: plane of codes. {keys}, plus and minus zoom, 0 shows all."
            for mode, keys in {
                "move": "Arrow keys move along the path, Home and End go to its ends",
                "pick": "Arrow keys move a cross, Enter takes the nearest test image as a stop",
                "draw": "Arrow keys move a cross, Enter sets a corner, Escape ends the path",
            }.items()
        },
        "gaps": "In a gap, whole path: {shares}",
        "corner": "Corner {number} is set.",
    },
    "components/generate/generate": {
        "points": "Points",
        "grid": "Images",
        "views": "What the plane shows",
        "prior": "Prior",
        "another": "Another hand",
        "title_another": "The style of another test image",
        "draw": "Draw one",
        "plane": "Show the plane",
        "title_draw": "The style of an image of your own",
        "from_its_own": "drawn from its own {z}",
        "in_this_hand": "{digit} in this hand",
        "nearest": "Nearest test image {x}",
        "own": "Your image {x}",
        "own_class": "taken for {digit}",
        "test_image": "no. {index}, {digit}",
        "test_image_missing": "no. {index}, {digit}; shown once MNIST is on disk",
        **DIGITS,
    },
    "components/generate/draws": {
        "title": "Prior and codes",
        "press": "press to draw from there",
        "plane": (
            "Plane of codes. Arrow keys move a point that is drawn, plus and minus zoom, 0 resets."
        ),
        "again": "New draws",
        "sixteen": "Sixteen draws",
        "counted": "{from} {sure} of {all} read with .90 or more.",
        "cell": "Read as {digit}, {share}",
        "this_draw": "this draw",
        "there": "drawn from there",
        "nearest": "nearest training image",
        "training": "no. {row}, {digit}",
        "away": "{distance} away",
        **DIGITS,
        "read": "read as {digit}, {share}",
        "spoken": "z = ({place}), read as {digit}, {share}.",
        "distance": "Distance to the nearest training image",
        "png": "Save the plane and the draws as a PNG",
        "csv": "Save codes and readings as a CSV",
    },
    "components/generate/own_image": {
        "drawn": "Draw",
        "uploaded": "Upload",
        "ways": "Where the image comes from",
        "class": "It is a",
        "take": "Take it for {digit}",
    },
    "components/generate/style_view": {
        "one_point": "one point, ten classes",
        "under": "Under each: what a classifier reads, how surely, and the lean",
        "degrees": "{angle}°",
        "open": "The {digit} large, on Decode",
        "tile": "{asked}: read as {digit}, {share}; leans {degrees}. {open}",
    },
    "components/generate/sentences": {
        "all": "At this point all ten digits {leans}",
        "some": "At this point {number} digits {leans}",
        "right": "lean right by {low}° to {high}°",
        "alike_right": "lean right by {low}°",
        "left": "lean left by {low}° to {high}°",
        "alike_left": "lean left by {low}°",
        "both": "lean from {low}° left to {high}° right",
        "one_out": " and the {digit}, which does not follow them, by {angle}°",
        "one_out_left": " and the {digit}, which does not follow them, left by {angle}°",
        "one_out_right": " and the {digit}, which does not follow them, right by {angle}°",
        "out": "; {digits} do not follow",
        "the": "the {digit}",
        "agree_all": (
            ": the classes agree on what a point means, though nothing in the loss asks them to"
        ),
        "agree_most": (
            ": most classes agree on what a point means, though nothing in the loss asks them to"
        ),
        "agree_few": ": the classes do not agree on what a point means",
        "wrong": "; {readings}",
        "wrong_many": "; {number} are read as another",
        "read": "the {asked} is read as {digit}",
        "read_too": "the {asked} as {digit}",
        **DIGITS,
        **{f"number_{n}": number for n, number in enumerate(NUMBERS[:9], start=2)},
        "untold": (
            "A linear probe reads the class from {z} with {leakage}, where chance is {chance}: "
            "the plane holds handwriting, and little of the class."
        ),
        "untold_many": (
            "A linear probe reads the class from all of {z} with {leakage}, where chance is "
            "{chance}: it holds handwriting, and little of the class."
        ),
        "told": (
            "A linear probe reads the class from {z} with {leakage}, where chance is {chance}, "
            "so some of the class is left in it."
        ),
    },
    "components/interpolate/interpolate": {
        "stops": "Stops",
        "side_1": "{name} (left)",
        "side_2": "{name} (right)",
        "side_3": "{name} (third)",
        "called": "the {name}",
        "fade": "Pixel fade",
        "source": "Where stops come from",
        "others": "Others",
        "add": "Add a stop",
        "back": "Back to the stops",
        "modes": "On the planes",
        "mode_move": "Move",
        "mode_pick": "Pick stops",
        "mode_draw": "Draw a path",
        "hint_move": "Drag on a plane: the nearest place of the path.",
        "hint_pick": (
            "Click on a plane: the nearest test image becomes a stop. Drag a stop to move it."
        ),
        "hint_draw": "Drag on a plane: a path of your own.",
        "play": "Play",
        "pause": "Pause",
        "position": "Position on the path",
        "position_at": "from {from} to {to}, alpha {alpha}",
        "under": "Under each: what a classifier reads, and how surely. Grey below .90.",
        "row": "Row that is read",
        "row_reads": "{title} reads {digit}",
        "read": "What is read along the way",
        "gif": "GIF of the path",
        "gif_share": "GIF, {share}",
        "added": "Stop {number}: {digit}.",
        "lost": "A test image did not arrive. Reload the page to try again.",
        "reading": "The path is being read …",
        "drawn_for": "A path drawn for {name}",
        "drawn": "Drawn path",
        "count": "Stops, {number} test images",
        "steps": "{number} steps",
        **{f"number_{n}": number for n, number in enumerate(NUMBERS, start=2)},
        "follow": {
            "one": "{names} follows, encoding what {name} draws.",
            "other": "{names} follow, encoding what {name} draws.",
        },
        "rebuilt": "{dataset} is not on disk: its stops are shown as {name} rebuilds them.",
        "its_dataset": "Its dataset",
        "encoded": "Each model’s own encoder finds their codes, here in the browser.",
        "another": "Another example",
        "another_of": "Stop {number}, {digit}: another example",
        **DIGITS,
        "digit": "Digit of stop {number}",
        "remove": "Remove",
        "start": "start",
        "end": "end",
    },
    "components/interpolate/sentences": {
        "image": "image of class {label}",
        "way": "from the {from} to the {to}",
        "back": "from one {from} to the other",
        "leg": "Straight {way}, {digits}; {gaps}.",
        "leg_unread": "Straight {way}, {gaps}.",
        **DIGITS,
        "none_1": "{name} passes through no other digit",
        "none_2": "neither model passes through another digit",
        "none_3": "none of the three models passes through another digit",
        "all_2": "both models pass through {digit}, {shares}",
        "all_3": "all three models pass through {digit}, {shares}",
        "share_first": "{name} for {share} of the way",
        "share": "{name} for {share}",
        "passes_first": "{name} passes through {digit} for {share} of the way",
        "passes": "{name} through {digit} for {share}",
        "passes_none": "{name} through no other digit",
        "drawn": "Along the drawn path {name} passes through {digits}; {gaps}.",
        "drawn_one": "Along the drawn path {name} shows {digits} all the way; {gaps}.",
        "drawn_unread": "Along the drawn path {gaps}.",
        "never_1": "it is never in a gap",
        "never_2": "neither is ever in a gap",
        "never_3": "none is ever in a gap",
        "never_models_1": "{name} is never in a gap",
        "never_models_2": "neither model is ever in a gap",
        "never_models_3": "none of the three models is ever in a gap",
        "gap": "{name} is in a gap for {share}",
        "gap_way": "{name} is in a gap for {share} of the way",
        "gap_1": "it is in a gap for {share}",
        "gap_1_way": "it is in a gap for {share} of the way",
        "gap_models_1": "{name} is in a gap for {share}",
        "gap_models_1_way": "{name} is in a gap for {share} of the way",
        "gap_never": "{name} never",
    },
    **family.LIVE,
}
