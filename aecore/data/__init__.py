"""Images: datasets by name, drawn strokes, one's own pictures, noise."""

from aecore.data.datasets import (
    Dataset,
    DatasetInfo,
    DownloadError,
    Split,
    as_pixels,
    available_datasets,
    data_folder,
    download_dataset,
    load_dataset,
    load_test_images,
)

__all__ = [
    "Dataset",
    "DatasetInfo",
    "DownloadError",
    "Split",
    "as_pixels",
    "available_datasets",
    "data_folder",
    "download_dataset",
    "load_dataset",
    "load_test_images",
]
